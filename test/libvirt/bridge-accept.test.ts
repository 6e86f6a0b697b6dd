/** The rules in a real firewall in a separate network namespace, with two nodes on a bridge of the lab. */

import { resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { firewallFunctions, listRules, removeRules } from '../../scripts/libvirt/bridge-accept.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'

const root = resolve(import.meta.dirname, '../..')
const id = 'f00dcafe'
const program = `
const { ensureBridgeAccept } = await import('./scripts/libvirt/bridge-accept.ts')
const networks = { management: { bridge: '${id}-mgmt' }, provider: { bridge: '${id}-prov' } }
console.log('added', await ensureBridgeAccept({ id: '${id}', isolation: 'none', networks }))
`

/** `accept` is what the lab does; \`ruleset\` prints all there is, without the counters. */
async function onMachine(script: string): Promise<string[]> {
  const prologue = `set -e
accept() { node --import tsx --input-type=module -e ${shellQuote(program)}; }
ruleset() { iptables-save | grep -v '^[#:]'; ip6tables-save | grep -v '^[#:]'; command -v nft >/dev/null && nft list ruleset | grep -v counter || :; }
mount -t tmpfs tmpfs /run
ip link set lo up
ip link add ${id}-mgmt type bridge; ip link set ${id}-mgmt up
for node in 1 2; do
  ip netns add node$node
  ip link add vnet$node type veth peer name eth0 netns node$node
  ip link set vnet$node master ${id}-mgmt up
  ip -n node$node addr add 10.0.0.$node/24 dev eth0; ip -n node$node link set eth0 up
done
reach() { ip netns exec node1 ping -n -c 1 -W 1 10.0.0.2 >/dev/null && echo reached || echo silent; }
`
  const { stdout } = await execa('unshare', ['--net', '--mount', 'bash', '-c', prologue + script], { cwd: root })
  return stdout.split('\n')
}

const script = `
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
iptables -P FORWARD DROP; iptables -A FORWARD -j DROP; ip6tables -P FORWARD DROP
`

test.runIf(isRoot)('nodes reach each other despite a firewall that drops forwarded frames', async () => {
  const seen = await onMachine(`${script}
reach; accept; reach; accept
iptables -F FORWARD; iptables -A FORWARD -j DROP; reach; accept; reach`)
  expect(seen).toEqual(['silent', 'added 4', 'reached', 'added 0', 'silent', 'added 2', 'reached'])
})

test.runIf(isRoot)('removing the rules leaves the firewall as it was', async () => {
  const seen = await onMachine(`${script}
before=$(ruleset); accept
${firewallFunctions}${listRules(id)}
${removeRules(id)}
${listRules(id)}
[ "$(ruleset)" = "$before" ] && echo same`)
  expect(seen[0]).toBe('added 4')
  expect(seen.at(-1)).toBe('same')
  expect(seen.filter((line) => line.startsWith('rule\t'))).toHaveLength(4)
})

test.runIf(isRoot)('if bridged frames are not filtered, no rule is added', async () => {
  const seen = await onMachine(`echo 0 | tee /proc/sys/net/bridge/bridge-nf-call-ip{,6}tables >/dev/null
iptables -P FORWARD DROP; accept; reach`)
  expect(seen).toEqual(['added 0', 'reached'])
})

const hasNft = (await execa('nft', ['--version'], { reject: false })).exitCode === 0

test.runIf(isRoot && hasNft)(
  "a chain that another program created with nft lets the lab's bridges through, too",
  async () => {
    const seen = await onMachine(`echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
nft add table inet filter; nft add chain inet filter forward '{ type filter hook forward priority 0; policy drop; }'
before=$(ruleset); reach; accept; reach
${removeRules(id)}
reach; [ "$(ruleset)" = "$before" ] && echo same`)
    expect(seen).toEqual(['silent', 'added 2', 'reached', 'silent', 'same'])
  },
)
