break_it() { on controller 'ip netns delete "$(ip netns list | grep -om 1 "^qrouter-[^ ]*")"'; }
