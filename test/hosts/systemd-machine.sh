#!/bin/bash
# A machine with systemd as PID 1 and native speed: mounts, processes, network, names and cgroups of its own, outbound
# network through slirp4netns. All that there is of it hangs on its PID 1, so that nothing stays when that one ends.
#   start FOLDER   boots FOLDER/root, which must be on a file system that takes an overlay's upper folder; a new boot id.
#                  With a file FOLDER/offline it has no network but its loopback.
#   stop FOLDER    an orderly shutdown, then an end in any case
#   guard PID FOLDER   waits for the end of PID, then removes every machine in FOLDER, and FOLDER
# FOLDER then holds init.pid and slirp.pid, console and out. Needs root.
set -euo pipefail

# Own cgroups, made before the cgroup namespace is, so that the machine sees them as the roots.
enter_cgroups() {
  local name=$1 groups controllers number path file dir
  if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
    mkdir -p "/sys/fs/cgroup/$name"
    # What this machine hands down; it has most of them on already, and loses nothing by the rest.
    for file in cpu cpuset io memory pids; do echo "+$file" >/sys/fs/cgroup/cgroup.subtree_control || true; done
    echo $BASHPID >"/sys/fs/cgroup/$name/cgroup.procs"
    return
  fi
  # Read whole first: the file changes with every move.
  groups=$(</proc/self/cgroup)
  while IFS=: read -r number controllers path; do
    dir=/sys/fs/cgroup/${controllers#name=}
    # What nodes make in the unified hierarchy of a hybrid host has to be below ours as well.
    if [ "$number" = 0 ]; then dir=/sys/fs/cgroup/unified; fi
    if ! mountpoint -q "$dir"; then continue; fi
    mkdir -p "$dir/$name"
    # A new cpuset is empty, and nothing can enter an empty one.
    for file in cpuset.cpus cpuset.mems; do
      if [ -e "$dir/$file" ]; then cat "$dir/$file" >"$dir/$name/$file"; fi
    done
    echo $BASHPID >"$dir/$name/cgroup.procs"
  done <<<"$groups"
}

remove_cgroups() {
  local dir
  for dir in "/sys/fs/cgroup/$1" /sys/fs/cgroup/*/"$1"; do
    if [ -d "$dir" ]; then find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  done
}

make_devices() {
  local line name major minor
  mkdir dev/pts dev/shm dev/net dev/mqueue dev/mapper
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
  mount -t tmpfs tmpfs dev/shm
  ln -s pts/ptmx dev/ptmx
  # No /dev/kvm: what virtualization this machine has is not the other one's.
  for line in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229 loop-control:10:237 net/tun:10:200; do
    IFS=: read -r name major minor <<<"$line"
    mknod -m 666 "dev/$name" c "$major" "$minor"
  done
  ln -s /proc/self/fd dev/fd
  for line in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${line%:*}" "dev/${line#*:}"; done
}

# As they are on this machine: systemd by itself would join cpu and cpuacct, and where they are apart have neither.
mount_cgroups() {
  local number controllers path
  if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    return
  fi
  mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
  while IFS=: read -r number controllers path; do
    if [ "$number" = 0 ]; then continue; fi
    mkdir "sys/fs/cgroup/${controllers#name=}"
    mount -t cgroup -o "$controllers" cgroup "sys/fs/cgroup/${controllers#name=}"
  done </proc/self/cgroup
}

# PID 1 of the machine until it becomes systemd.
become_init() {
  local folder=$1 legacy=()
  mount --bind "$folder/root" "$folder/root"
  cd "$folder/root"
  mount -t proc proc proc
  # The kernel's settings are this machine's, only those of the network are the other one's.
  mount --bind proc/sys proc/sys
  mount --bind proc/sys/net proc/sys/net
  mount -o remount,bind,ro proc/sys
  mount -t sysfs sysfs sys
  mount -t tmpfs -o mode=755 tmpfs dev
  mount -t tmpfs -o mode=755 tmpfs run
  make_devices
  : >dev/console
  mount --bind "$folder/console" dev/console
  if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
    legacy=(systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1)
  fi
  mount_cgroups
  # Another boot: who remembers the last one must see that it is over.
  cat /proc/sys/kernel/random/uuid >run/boot_id
  mount --bind run/boot_id proc/sys/kernel/random/boot_id
  hostname "$(<etc/hostname)"
  ip link set lo up
  mkdir -p mnt/old
  pivot_root . mnt/old
  cd /
  umount -l /mnt/old
  rmdir /mnt/old
  mount --make-rshared /
  exec env -i container=duostack-hosts PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /sbin/init "${legacy[@]}" systemd.show_status=false
}

start() {
  local folder=$1 outer pid
  : >"$folder/console"
  (
    enter_cgroups "$(basename "$folder")"
    exec setsid unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child --propagation private \
      bash "$0" become-init "$folder" </dev/null >"$folder/out" 2>&1
  ) &
  outer=$!
  for _ in {1..100}; do
    pid=$(pgrep -P "$outer" || true)
    if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = systemd ]; then break; fi
    if ! [ -e "/proc/$outer" ]; then break; fi
    sleep 0.1
  done
  if [ -z "$pid" ]; then
    cat "$folder/out" >&2
    exit 1
  fi
  echo "$pid" >"$folder/init.pid"
  if [ -e "$folder/offline" ]; then return; fi
  setsid slirp4netns --configure --mtu=1500 --disable-host-loopback "$pid" tap0 </dev/null >"$folder/slirp.out" 2>&1 &
  echo $! >"$folder/slirp.pid"
}

# Ends the process whose number the file holds, which is gone afterwards.
end() {
  local pid
  pid=$(cat "$1" 2>/dev/null || true)
  if [ -n "$pid" ]; then
    kill -9 "$pid" 2>/dev/null || true
    for _ in {1..100}; do [ -e "/proc/$pid" ] || break; sleep 0.1; done
  fi
  rm -f "$1"
}

stop() {
  local folder=$1 pid
  pid=$(cat "$folder/init.pid" 2>/dev/null || true)
  if [ -n "$pid" ]; then
    # In cgroups of version 1 a session ends by its time limit alone, so this one is short.
    kill -s RTMIN+4 "$pid" 2>/dev/null || true
    for _ in {1..150}; do [ -e "/proc/$pid" ] || break; sleep 0.1; done
  fi
  end "$folder/init.pid"
  end "$folder/slirp.pid"
  remove_cgroups "$(basename "$folder")"
}

guard() {
  local folder
  tail --pid="$1" -f /dev/null
  for folder in "$2"/*/; do
    end "$folder/init.pid"
    end "$folder/slirp.pid"
    end "$folder/qemu.pid"
    remove_cgroups "$(basename "$folder")"
  done
  rm -rf --one-file-system "$2"
}

case $1 in
  become-init) become_init "$2" ;;
  start | stop | guard)
    "$@"
    # A guard may outlive a change of this file, and must not read on in it.
    exit
    ;;
  *) exit 2 ;;
esac
