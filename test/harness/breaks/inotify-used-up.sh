# A program of root uses all inotify instances that are left, as a watcher of many folders does.
pidfile=/tmp/duostack-inotify-$id.pid
break_it() {
  setsid perl -e '1 while syscall(294, 0) >= 0; sleep' </dev/null >/dev/null 2>&1 &
  echo $! >"$pidfile"
  sleep 1
}
undo() {
  kill "$(cat "$pidfile")"
  rm "$pidfile"
}
