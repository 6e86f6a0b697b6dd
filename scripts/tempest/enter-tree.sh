# `TREE FOLDER UID GID COMMAND…`: runs a command in the tree as this user, with the folder as /mnt. It is the first
# process of a process namespace, so with it everything ends: when the command has ended, or as soon as standard input
# closes, which is when the process that asked for it ends in any way.
set -eu
trap '' INT
tree=$1 folder=$2 uid=$3 gid=$4
shift 4
mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
mount --bind "$folder" "$tree/mnt"
exec 3<&0
chroot "$tree" setpriv --reuid="$uid" --regid="$gid" --clear-groups --inh-caps=-all \
  env -i HOME=/mnt LC_ALL=C.UTF-8 OS_LOG_CAPTURE=False PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" < /dev/null &
cat <&3 > /dev/null &
code=0
wait -n || code=$?
exit "$code"
