# Files in memory, up to 96.6 % of what the compute node has: beyond 96 it is full, and what agents start meanwhile needs the rest.
break_it() {
  on compute1 '
cd /sys/fs/cgroup/memory 2>/dev/null || cd /sys/fs/cgroup
limit=$(cat memory.limit_in_bytes 2>/dev/null || cat memory.max)
used() { echo $(($(cat memory.usage_in_bytes 2>/dev/null || cat memory.current) - $(awk "/^(total_)?inactive_file /{print \$2}" memory.stat | tail -1))); }
mkdir -p /mnt/ballast; mount -t tmpfs -o size=8g tmpfs /mnt/ballast
for i in $(seq 400); do
  [ "$(used)" -gt $((limit * 966 / 1000)) ] && break
  dd if=/dev/zero of=/mnt/ballast/$i bs=1M count=8 status=none
done'
}
undo() { on compute1 'umount /mnt/ballast; rmdir /mnt/ballast'; }
