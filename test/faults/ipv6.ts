/** IPv6 subnets of a project behind its router, in the three ways in which Neutron gives addresses. */

import { expect, test } from 'vitest'
import { client, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { createPort, type Port, portFunctions } from '../harness/port-client.ts'

const modes = ['slaac', 'dhcpv6-stateless', 'dhcpv6-stateful'] as const
type Mode = (typeof modes)[number]
const dns = '2001:db8:ffff::53'
const nameOf = (mode: Mode) => `test-${mode}`
const demo = ['--os-cloud', 'demo']

async function makeNetwork(copy: Copy, mode: Mode): Promise<void> {
  const range = `2001:db8:${modes.indexOf(mode) + 1}::/64`
  const way = ['--ip-version', '6', '--ipv6-ra-mode', mode, '--ipv6-address-mode', mode]
  await client(copy, ...demo, 'network', 'create', nameOf(mode))
  const where = ['--network', nameOf(mode), '--subnet-range', range, '--dns-nameserver', dns]
  await client(copy, ...demo, 'subnet', 'create', ...way, ...where, nameOf(mode))
}

/**
 * The test instance has no client for DHCPv6; systemd-networkd has, and the node has that. It must not wait for a udev
 * that does not see the namespace, hence the read-only /sys.
 */
const networkd = `mount -t tmpfs tmpfs /run; mount -o remount,ro,bind /sys; mkdir -p /run/systemd/network
printf '[Match]\\nName=eth0\\n[Network]\\nIPv6AcceptRA=yes\\n' >/run/systemd/network/1.network
exec /lib/systemd/systemd-networkd`

/** Prints `MODE ADDRESS` for each address that a client has got, and `FROM TO` for each ping through the router. */
const look = (ports: readonly (Port & { name: string })[], instance: string) => `${portFunctions}
cat >$work/networkd <<'end'
${networkd}
end
has() { ip -n "$1" -6 -o addr show dev eth0 scope global -tentative | grep "inet6 $2/"; }
${ports.map(({ name, id, mac }) => `plug ${name} ${id} ${mac} &`).join(' ')} wait
for name in ${ports.map(({ name }) => name).join(' ')}; do
  ip netns exec $name tcpdump -l -n -v -i any udp port 546 >$work/$name 2>/dev/null &
  ip netns exec $name unshare --mount bash $work/networkd >/dev/null 2>&1 &
done
${ports.map(({ name, address }) => `soon has ${name} ${address} && echo "${name} ${address}"`).join('\n')}
soon grep 'dhcp6 reply.*DNS-server ${dns}' $work/${nameOf('dhcpv6-stateless')} && echo 'told of the name server'
reach() { soon ip netns exec $1 ping -6 -n -c 1 -W 2 $2 && echo "$1 reaches $3"; }
${ports
  .flatMap((from) => ports.filter((to) => to !== from).map((to) => `reach ${from.name} ${to.address} ${to.name}`))
  .join('\n')}
reach ${nameOf('dhcpv6-stateful')} ${instance} instance`

async function removeAll(copy: Copy, server: string, ports: readonly Port[]): Promise<void> {
  await Promise.all([
    client(copy, ...demo, 'server', 'delete', '--wait', server),
    client(copy, ...demo, 'port', 'delete', ...ports.map(({ id }) => id)),
  ])
  for (const mode of modes) await client(copy, ...demo, 'router', 'remove', 'subnet', 'test-six', nameOf(mode))
  await client(copy, ...demo, 'router', 'delete', 'test-six')
  await client(copy, ...demo, 'network', 'delete', ...modes.map(nameOf))
}

export function ipv6Tests(copy: () => Copy): void {
  test('a project has IPv6 behind its router: SLAAC, stateless and stateful DHCPv6', () =>
    recorded('self-service', 'IPv6 in a project', async () => {
      await client(copy(), ...demo, 'router', 'create', 'test-six')
      await Promise.all(modes.map((mode) => makeNetwork(copy(), mode)))
      for (const mode of modes) await client(copy(), ...demo, 'router', 'add', 'subnet', 'test-six', nameOf(mode))
      const create = ['server', 'create', '--image', 'duostack-test', '--flavor', 'm1.nano', '--wait']
      const [server, ...ports] = await Promise.all([
        openstack<{ id: string; addresses: Record<string, string[]> }>(
          copy(),
          ...demo,
          ...create,
          ...['--network', nameOf('slaac'), 'test-six'],
        ),
        ...modes.map(async (mode) => ({
          ...(await createPort(copy(), nameOf(mode), nameOf(mode), ...demo)),
          name: nameOf(mode),
        })),
      ])
      const seen = await onNode(copy(), 'compute1', look(ports, server.addresses[nameOf('slaac')]![0]!))
      expect(seen.split('\n')).toEqual([
        ...ports.map(({ name, address }) => `${name} ${address}`),
        'told of the name server',
        ...ports.flatMap((from) => ports.filter((to) => to !== from).map((to) => `${from.name} reaches ${to.name}`)),
        `${nameOf('dhcpv6-stateful')} reaches instance`,
      ])
      await removeAll(copy(), server.id, ports)
      return 'addresses by SLAAC, stateless and stateful DHCPv6; they reach each other through the router'
    }))
}
