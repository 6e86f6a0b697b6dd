break_it() { on compute1 'ebtables -t nat -F port-frames'; }
