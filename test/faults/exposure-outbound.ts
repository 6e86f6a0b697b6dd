/**
 * Part 8, with `lab_outbound`: what an instance and a node reach then, and what they never do. The outside is a network
 * namespace of this machine; no real address is contacted.
 */

import { execa } from 'execa'
import { expect, test } from 'vitest'
import { isRoot } from '../../scripts/run/process.ts'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { addressOf, inInstance } from '../harness/instance.ts'
import { bringUp, editDeclaration, nodes, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readLabId } from '../harness/remains.ts'

const part = 'exposure'
const all = 'group_vars/all.yml'

/** RFC 2544's range for tests of this kind: no network uses it. */
const outside = '198.18.0.2'
const here = '198.18.0.1'
const denied = '198.18.7.7'

const asRoot = (script: string) => execa('bash', ['-c', script], { reject: false })

const server = `require('node:net').createServer((socket) => socket.end(socket.remoteAddress)).listen(80, '0.0.0.0')`

/** A namespace with a server on port 80, and one on this machine's own address towards it. */
async function openOutside(): Promise<() => Promise<void>> {
  const made = await asRoot(`set -e
ip netns add duostack-outside; ip link add dst-outside type veth peer name eth0 netns duostack-outside
ip addr add ${here}/24 dev dst-outside; ip link set dst-outside up; ip route add ${denied} via ${outside}
ip -n duostack-outside addr add ${outside}/24 dev eth0; ip -n duostack-outside addr add ${denied}/32 dev eth0
ip -n duostack-outside link set lo up; ip -n duostack-outside link set eth0 up
ip -n duostack-outside route add default via ${here}`)
  expect(made.exitCode, made.stderr).toBe(0)
  const servers = [
    execa('ip', ['netns', 'exec', 'duostack-outside', 'node', '-e', server], { reject: false }),
    execa('node', ['-e', server.replace('0.0.0.0', here)], { reject: false }),
  ]
  return async () => {
    for (const one of servers) one.kill()
    await Promise.all(servers)
    await asRoot('ip link del dst-outside; ip netns del duostack-outside')
  }
}

/** What busybox in an instance and bash on a node have in common: the address that the server saw, or nothing. */
const fetchFrom = (address: string) => `curl -s -m 5 --http0.9 http://${address}/ || true`

/** Never, by nobody. Ports that are open: the servers above, and ssh or the APIs where they listen. */
const closed = [here, denied, '169.254.169.253']
const closedToInstances = ['10.0.0.1 22', '10.0.0.11 22', '10.0.0.11 5000', '10.0.0.31 22', '203.0.113.1 22']
const knock = (targets: readonly string[]) =>
  targets.map((target) => `nc -w 3 ${target} </dev/null >/dev/null 2>&1 && echo "reached ${target}"`).join('; ')

export function outboundTests(copy: () => Copy): void {
  test.runIf(isRoot)('with lab_outbound instances and nodes reach the outside, and nothing that they must not', () =>
    recorded(part, 'lab_outbound, switched on and off', async () => {
      const close = await openOutside()
      try {
        const before = await inInstance(copy(), await addressOf(copy(), 'test'), fetchFrom(outside))
        expect(before).toBe('')
        await editDeclaration(
          copy(),
          all,
          'lab_outbound: false',
          `lab_outbound: true\nlab_outbound_deny: [${denied}/32]`,
        )
        await bringUp(copy())
        const reached = await reachFromAll(copy())
        await closedIn(copy())
        await editDeclaration(copy(), all, /lab_outbound: true\nlab_outbound_deny: .*/, 'lab_outbound: false')
        await bringUp(copy())
        await expectClosed(copy())
        return `${reached} instances and ${nodes.length} nodes reach it as this machine; ${closed.length + closedToInstances.length} targets closed; nothing left`
      } finally {
        await close()
      }
    }),
  )
}

/** From each of the lab's own instances, by its floating IP where it has one, and from each node. Gives how many instances. */
async function reachFromAll(copy: Copy): Promise<number> {
  const addresses = await testAddresses(copy)
  for (const address of addresses) {
    expect(await inInstance(copy, address, fetchFrom(outside)), address).toMatch(/^(::ffff:)?198\.18\.0\.1$/)
    const look = [...closed.map((one) => `${fetchFrom(one)}`), knock(closedToInstances), 'echo looked'].join('; ')
    expect((await inInstance(copy, address, look)).trim(), address).toBe('looked')
    const metadata = 'curl -s -m 30 http://169.254.169.254/openstack/latest/meta_data.json'
    expect(JSON.parse(await inInstance(copy, address, metadata))).toHaveProperty('uuid')
  }
  for (const node of nodes) {
    expect(await onNode(copy, node, fetchFrom(outside)), node).toMatch(/^(::ffff:)?198\.18\.0\.1$/)
    for (const one of [...closed, '203.0.113.1'])
      expect(await onNode(copy, node, fetchFrom(one)), `${node}: ${one}`).toBe('')
  }
  return addresses.length
}

/** In a self-service lab, also the floating IP of the instance on a project network. */
async function testAddresses(copy: Copy): Promise<string[]> {
  const floating = await openstack<{ 'Floating IP Address': string; 'Fixed IP Address': string | null }[]>(
    copy,
    'floating',
    'ip',
    'list',
  ).catch(() => [])
  const used = floating.filter((one) => one['Fixed IP Address']).map((one) => one['Floating IP Address'])
  return [await addressOf(copy, 'test'), ...used]
}

/** Even with a route to the lab's networks by this machine. */
async function closedIn(copy: Copy): Promise<void> {
  const [instance = ''] = await testAddresses(copy)
  await asRoot(
    'for range in 10.0.0.0/24 203.0.113.0/24; do ip -n duostack-outside route replace $range via 198.18.0.1; done',
  )
  const seen = await asRoot(
    `for address in ${instance} 10.0.0.11 10.0.0.31; do
  ip netns exec duostack-outside timeout 3 bash -c "exec 3<>/dev/tcp/$address/22" 2>/dev/null && echo "$address reached"
  ip netns exec duostack-outside ping -n -c 1 -W 2 $address >/dev/null && echo "$address answers"
done; echo looked`,
  )
  expect(seen.stdout).toBe('looked')
}

async function expectClosed(copy: Copy): Promise<void> {
  expect(await inInstance(copy, await addressOf(copy, 'test'), fetchFrom(outside))).toBe('')
  for (const node of nodes) {
    const left =
      'ip -4 route show default; ls /etc/resolv.conf /etc/systemd/system/duostack-outbound* 2>/dev/null || true'
    expect(await onNode(copy, node, left), node).toBe('')
  }
  const id = await readLabId(copy)
  const remains =
    await asRoot(`nft list tables | grep ${id}; ls /run/duostack-forwarding /var/lib/duostack/${id}/outbound 2>/dev/null
for pid in $(pidof slirp4netns); do tr '\\0' ' ' </proc/$pid/cmdline | grep ${id}; done`)
  expect(remains.stdout).toBe('')
}
