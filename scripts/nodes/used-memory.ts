/** How much memory a node uses. */

/**
 * bash, for a node: sets `used` to MiB. Containers see the host's memory in /proc/meminfo; their own is what their cgroup
 * counts, without the page cache. With cgroups of version 2 a group that shares its parent with libvirt's controller has
 * no memory files: there it is what the node's processes hold and its tmpfs file systems contain.
 */
export const readUsedMemory = `used=
for group in /sys/fs/cgroup /sys/fs/cgroup/memory; do
  for file in memory.current memory.usage_in_bytes; do
    [ -r $group/$file ] || continue
    cache=$(awk '/^(total_)?inactive_file /{print $2}' $group/memory.stat | tail -1)
    used=$(( ($(cat $group/$file) - \${cache:-0}) / 1048576 ))
  done
done
if [ -z "$used" ] && systemd-detect-virt -cq; then
  used=$({ cat /proc/[0-9]*/smaps_rollup; df -kt tmpfs --output=used | sed 's/^ */Pss: /'; } 2>/dev/null |
    awk '/^Pss:/{sum+=$2} END{print int(sum/1024)}')
fi
: \${used:=$(awk '/^MemTotal/{t=$2} /^MemAvailable/{a=$2} END{print int((t-a)/1024)}' /proc/meminfo)}`
