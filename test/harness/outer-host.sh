#!/bin/bash
# outer-host.sh COMMAND [ARGUMENT…]: runs a command on a machine that has a libvirtd of its own, played by namespaces: an
# own network, own mounts, own processes, the system's libvirtd and virtlogd under their usual paths. So `lab_isolation:
# none` can be tried where there is no systemd, and nothing of it is left when the command ends. Needs root, and of libvirt
# no more than the lab itself installs.
set -euo pipefail

if [ "${1:-}" != --inside ]; then
  [ $# -gt 0 ] || { echo 'usage: outer-host.sh COMMAND [ARGUMENT…]' >&2; exit 2; }
  data=$(mktemp -d /var/tmp/outer-host.XXXXXX)
  trap 'rm -rf --one-file-system "$data"' EXIT
  unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private bash "$0" --inside "$data" "$@"
  exit
fi
data=$2
shift 2

# /sys anew, so that it shows this network; the host's cgroups back into it, without the unified hierarchy of a hybrid
# host, on which libvirtd fails.
mkdir -p /run/outer-cgroup
mount --rbind /sys/fs/cgroup /run/outer-cgroup
umount -l /sys
mount -t sysfs sysfs /sys
mount --rbind /run/outer-cgroup /sys/fs/cgroup
umount -l /run/outer-cgroup
rmdir /run/outer-cgroup
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi

# What the daemons keep is this machine's own.
for folder in /run/libvirt /run/netns /var/lib/libvirt /var/log/libvirt /var/lib/duostack /etc/libvirt; do
  mkdir -p "$folder" "$data$folder"
  # As it was installed; what is defined meanwhile stays here.
  if [ "$folder" = /etc/libvirt ]; then cp -a /etc/libvirt/. "$data$folder"; fi
  mount --bind "$data$folder" "$folder"
done
# The QEMU driver looks this user up, whom only the package libvirt-daemon-system makes.
if ! getent passwd libvirt-qemu >/dev/null; then
  for file in passwd group; do cp "/etc/$file" "$data/$file"; done
  echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin' >>"$data/passwd"
  echo 'libvirt-qemu:x:64055:' >>"$data/group"
  for file in passwd group; do mount --bind "$data/$file" "/etc/$file"; done
fi
mkdir -p /var/lib/libvirt/{qemu,images,boot,lxc,network,dnsmasq,sanlock} /var/lib/libvirt/qemu/{channel,nvram,save,snapshot,dump}
[ ! -e /dev/kvm ] || { : >/run/libvirt/no-kvm; mount --bind /run/libvirt/no-kvm /dev/kvm; mount -o remount,bind,ro /dev/kvm; }
ip link set lo up

virtlogd --daemon
libvirtd --daemon
for _ in {1..100}; do virsh -q -c qemu:///system version >/dev/null 2>&1 && break; sleep 0.1; done
code=0
"$@" || code=$?
exit "$code"
