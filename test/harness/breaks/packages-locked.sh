# A process holds the lock of apt and dpkg, as an update in the background would.
break_it() {
  on compute1 'setsid python3 -c "
import fcntl, time
file = open(\"/var/lib/dpkg/lock-frontend\", \"w\")
fcntl.lockf(file, fcntl.LOCK_EX)
open(\"/run/holder\", \"w\").write(str(__import__(\"os\").getpid()))
time.sleep(600)" </dev/null >/dev/null 2>&1 &
for _ in $(seq 50); do [ -s /run/holder ] && break; sleep 0.1; done'
}
undo() { on compute1 'kill $(cat /run/holder); rm /run/holder'; }
