# Files in memory, so many that the compute node uses between 96.6 and 97.5 % of its memory, whatever else starts or
# stops there. A fixed amount would leave no room for an agent that is just starting, and the kernel would kill the
# instance.
break_it() {
  on compute1 '
mkdir -p /mnt/ballast; mount -t tmpfs -o size=8g tmpfs /mnt/ballast
cat >/run/ballast <<"END"
cd /sys/fs/cgroup/memory 2>/dev/null || cd /sys/fs/cgroup
limit=$(cat memory.limit_in_bytes 2>/dev/null || cat memory.max)
used() { echo $(($(cat memory.usage_in_bytes 2>/dev/null || cat memory.current) - $(awk "/^(total_)?inactive_file /{print \$2}" memory.stat | tail -1))); }
i=0
while :; do
  now=$(used)
  if [ "$now" -lt $((limit * 966 / 1000)) ]; then
    i=$((i + 1)); dd if=/dev/zero of=/mnt/ballast/$i bs=1M count=8 status=none
  elif [ "$now" -gt $((limit * 975 / 1000)) ] && [ $i -gt 0 ]; then
    rm /mnt/ballast/$i; i=$((i - 1))
  else
    touch /mnt/ballast/enough; sleep 0.1
  fi
done
END
systemd-run -q --unit=ballast bash /run/ballast
for second in $(seq 60); do [ ! -e /mnt/ballast/enough ] || exit 0; sleep 1; done
exit 1'
}
undo() { on compute1 'systemctl stop ballast; umount /mnt/ballast; rmdir /mnt/ballast; rm /run/ballast'; }
