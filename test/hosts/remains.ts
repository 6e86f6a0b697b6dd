/**
 * What is left of a lab inside a machine, found with plain commands; shares no code with the removal that it checks.
 */

import { expect } from 'vitest'
import { asRoot, type Host } from './host.ts'

const reading = String.raw`
label() { sed "s|^|$1 |"; }
if command -v virsh >/dev/null; then
  for what in list net-list pool-list; do virsh -q -c qemu:///system $what --all --name 2>/dev/null | grep . | label "libvirt $what" || true; done
  virsh -q -c lxc:///system list --all --name 2>/dev/null | grep . | label 'libvirt lxc' || true
fi
ip netns list | cut -d' ' -f1 | label namespace
ip -br link | awk '{ print $1 }' | label link
ip -4 route | label route
ip rule | label rule
for program in iptables ip6tables; do
  if command -v $program-save >/dev/null; then $program-save | grep '^-A' | label $program || true; fi
done
if command -v nft >/dev/null; then nft list tables | label nft; fi
awk '{ print $1, $2, $3 }' /proc/mounts | grep -vE ' /run/(user|credentials)' | label mount
find /sys/fs/cgroup -type d -name '*duostack*' | label cgroup
ls /var/lib/duostack 2>/dev/null | label folder || true
ps -eo comm= | grep -E '^(libvirt_lxc|qemu-system.*|dnsmasq|init|virtlogd)$' | grep -v '^systemd' | label process || true
ps -eo args= | grep -E 'duostack|\.lab/' | grep -v grep | label process || true
find / -xdev \( -path /home/dev -o -path /root -o -path /var/cache/duostack -o -path /proc -o -path /sys -o -path '/srv/*' \) -prune \
  -o -name '*duostack*' -print | label file
`

/**
 * From packages, which stay: libvirt's daemons, its default network's definition, its empty chains; and the mount that
 * iproute2 makes on its folder for the first namespace.
 */
const ofPackages =
  /^(mount tmpfs \/run\/netns tmpfs|libvirt net-list default|process virtlogd|(iptables|ip6tables) .*\bLIBVIRT_|nft table \w+ \w*)/

export async function readRemains(host: Host): Promise<string[]> {
  return (await asRoot(host, reading, { timeoutSeconds: 300 })).split('\n').filter(Boolean).sort()
}

/** What exists now and did not before, and what existed and no longer does. */
export async function expectAsBefore(host: Host, before: readonly string[]): Promise<string> {
  const after = await readRemains(host)
  const more = after.filter((line) => !before.includes(line) && !ofPackages.test(line))
  const less = before.filter((line) => !after.includes(line))
  const seen = [...more.map((line) => `left: ${line}`), ...less.map((line) => `gone: ${line}`)]
  expect(seen, seen.join('; ')).toEqual([])
  return 'nothing left'
}
