/**
 * The libvirtd of one lab, inside the lab's network namespace: its configuration, its start, and its restart if it
 * hangs.
 */

import type { Lab } from '../declaration/lab.ts'
import { usesKvm } from '../declaration/node-traits.ts'
import { libvirtdPaths, netnsPath } from '../run/paths.ts'
import { runOnHost } from '../run/process.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { answersFunction } from './libvirtd-answers.ts'

/** What is in the private daemon's configuration files; only it reads them. */
function libvirtdConfig(): Record<string, string> {
  return {
    // Who may connect is decided by the folder around the socket, which is the user's alone.
    'libvirtd.conf': `auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_ro_perms = "0777"
unix_sock_rw_perms = "0777"
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
`,
    // Without "file" a domain's start waits 90 s for virtlogd and fails. The namespace, not AppArmor, keeps guests apart
    // here, and the disks belong to root already: nothing is to be relabelled or given away.
    'qemu.conf': `stdio_handler = "file"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
security_default_confined = 0
# A guest's own /dev would carry the mount over /dev/kvm along, and fail.
namespaces = []
`,
    'lxc.conf': `security_driver = "none"
`,
  }
}

/**
 * Becomes libvirtd inside a mount namespace that follows the host's (an overlay made later on the host is seen here):
 * /sys afresh, so that the daemon sees this network namespace's bridges, with the host's cgroups put back; the
 * unified hierarchy of a hybrid host away, because libvirtd fails on it; its own folders over the usual ones;
 * /dev/kvm out of reach where this lab is not to touch it, since libvirtd's look at QEMU would open it; and the user
 * that the QEMU driver looks up before it reads its configuration, where only a system-wide libvirtd would have made it.
 */
function startScript(lab: Lab): string {
  const paths = libvirtdPaths(lab)
  const configuration = Object.entries(libvirtdConfig())
    .map(([name, content]) => `printf %s ${shellQuote(content)} >${shellQuote(`${paths.etc}/${name}`)}`)
    .join('\n')
  return `set -eu
data=${shellQuote(lab.paths.data)} base=${shellQuote(paths.base)} pidfile=${shellQuote(paths.pidFile)}
socket=${shellQuote(paths.socket)} netns=${shellQuote(netnsPath(lab))} owner=${process.getuid?.() ?? 0}
running() {
  local pid= comm=
  # libvirtd's pid file ends without a newline, which read takes for a failure.
  { read -r pid <"$pidfile"; read -r comm <"/proc/$pid/comm"; } 2>/dev/null
  [ "$comm" = libvirtd ] && grep -qF "$pidfile" "/proc/$pid/cmdline" &&
    [ "$(stat -L -c %i "/proc/$pid/ns/net")" = "$(stat -L -c %i "$netns")" ] && [ -S "$socket" ]
}
install -d -m 0711 /var/lib/duostack "$data"
# Shared, so that what is mounted below it on the host also appears in the daemon's mount namespace.
mountpoint -q "$data" || mount --bind "$data" "$data"
mount --make-shared "$data"
${answersFunction(lab)}
if running; then
  if answers; then exit 0; fi
  # It hangs, or was started before its drivers were installed. What runs under it goes on and is taken over by the next.
  read -r pid <"$pidfile" || :
  echo "libvirtd $pid of the lab does not answer: it is replaced"
  { kill -CONT "$pid"; kill "$pid"; } 2>/dev/null || :
  for _ in {1..30}; do running || break; sleep 0.1; done
  if running; then kill -KILL "$pid" || :; sleep 0.2; fi
fi
# What the daemon noted of the time before a reboot is about processes that are no more.
boot=$(cat /proc/sys/kernel/random/boot_id)
[ "$(cat "$base/boot" 2>/dev/null)" = "$boot" ] || rm -rf "$base/run"
install -d -m 0700 "$base"; chown "$owner" "$base"
install -d "$base/run" "$base/etc/qemu/networks" "$base/lib" "$base/log" /var/cache/duostack/libvirt
echo "$boot" >"$base/boot"
rm -f "$pidfile" "$socket"
${configuration}
export data base pidfile kvm=${usesKvm(lab) ? 1 : 0}
setsid nsenter --net="$netns" unshare --mount --propagation slave bash -c '${insideScript.replaceAll("'", `'\\''`)}' \\
  </dev/null >>"$base/log/start.log" 2>&1 || { tail -n 20 "$base/log/start.log" >&2; exit 1; }
# Its socket is there before its drivers are, and a driver that cannot start ends the daemon. Not asked for its version:
# that is QEMU's, which a machine for containers does not have.
end=$((SECONDS + ${scaled(lab, timeouts.machine.libvirtd)}))
while ((SECONDS < end)); do running && answers && exit 0; sleep 0.1; done
echo 'libvirtd does not answer ${scaled(lab, timeouts.machine.libvirtd)} s after its start' >&2; tail -qn 10 "$base/log/start.log" "$base/log/libvirtd.log" >&2; exit 1
`
}

const insideScript = `set -eu
mkdir -p "$base/cgroup"
mount --rbind /sys/fs/cgroup "$base/cgroup"
umount -l /sys
mount -t sysfs sysfs /sys
mount --rbind "$base/cgroup" /sys/fs/cgroup
umount -l "$base/cgroup"
rmdir "$base/cgroup"
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
mkdir -p /run/libvirt /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt
mount --bind "$base/run" /run/libvirt
mount --bind "$base/etc" /etc/libvirt
mount --bind "$base/lib" /var/lib/libvirt
mount --bind "$base/log" /var/log/libvirt
mount --bind /var/cache/duostack/libvirt /var/cache/libvirt
# Out of the host's D-Bus: through it, libvirtd would register the nodes with the host's machined, which then ends and
# lists them as the host's own.
if [ -d /run/dbus ]; then mount -t tmpfs -o size=4k,mode=0755 tmpfs /run/dbus; fi
if [ "$kvm" = 0 ] && [ -e /dev/kvm ]; then
  # Read-only: while libvirtd could write to it, it takes KVM for newly arrived and asks QEMU anew for each request.
  : >"$base/no-kvm"
  mount --bind "$base/no-kvm" /dev/kvm
  mount -o remount,bind,ro /dev/kvm
fi
if ! getent passwd libvirt-qemu >/dev/null; then
  { cat /etc/passwd; echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin'; } >"$base/passwd"
  { cat /etc/group; echo 'libvirt-qemu:x:64055:'; } >"$base/group"
  chmod 0644 "$base/passwd" "$base/group"
  mount --bind "$base/passwd" /etc/passwd
  mount --bind "$base/group" /etc/group
fi
cd /
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin libvirtd --daemon --pid-file "$pidfile"
`

/** Starts it where it does not run or does not answer; `say` gets a line for a person who waits. */
export async function ensurePrivateLibvirtd(lab: Lab, say: (line: string) => void): Promise<void> {
  await runOnHost('bash', ['-s'], {
    step: 'private libvirtd of the lab',
    root: true,
    input: startScript(lab),
    timeoutSeconds: scaled(lab, timeouts.machine.libvirtdStart),
    onLine: say,
  })
}
