/**
 * A machine for the way out, played by namespaces: itself, an outside with which it is connected, and a lab's networks with a
 * node and an instance on them.
 */

import { resolve } from 'node:path'
import { execa } from 'execa'
import type { Isolation, Lab } from '../../scripts/declaration/lab.ts'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const root = resolve(import.meta.dirname, '../..')
export const id = 'f00dcafe'

const network = (name: string, bridge: string, prefix: string) => {
  return { name, bridge, cidr: `${prefix}.0/24`, prefixLength: 24, hostAddress: `${prefix}.1` }
}

export function outboundLab(isolation: Isolation, changes: Partial<Lab> = {}): Lab {
  const plain = fixtureLab('lxc')
  return {
    ...plain,
    id,
    isolation,
    paths: { ...plain.paths, data: '/run/lab' },
    networks: {
      management: network('management', `${id}-mgmt`, '10.0.0'),
      provider: network('provider', `${id}-prov`, '203.0.113'),
      vlanRange: [100, 199],
    },
    outbound: { deny: ['10.99.0.0/16'] },
    ...changes,
  }
}

/** Whoever connects is told from which address it comes. */
const server = `import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', int(sys.argv[1])))
s.listen()
while True:
    c, peer = s.accept()
    c.sendall(peer[0].encode())
    c.close()
`

/** A DNS server as far as a test needs one: it sends back what it is asked. */
const echo = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 53))
while True:
    question, peer = s.recvfrom(500)
    s.sendto(b'answer to ' + question, peer)
`

const ask = `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.sendto(b'question', (sys.argv[1], 53))
try: print(s.recv(500).decode())
except OSError: print('no answer')
`

const runOurs = (program: string) => `node --import tsx --input-type=module -e ${shellQuote(program)}`

const namespace = `const { ensureNamespace } = await import('./scripts/run/namespace.ts')
await ensureNamespace({ id: '${id}' })`

/** `in_lab`: in the network where the lab's bridges are. */
const prologue = (isolation: Isolation) => `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lab
echo 'nameserver 198.51.100.2' >/run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
ip link set lo up
ip netns add outside
ip link add uplink type veth peer name eth0 netns outside
ip addr add 198.51.100.1/24 dev uplink; ip link set uplink up
ip -n outside link set lo up; ip -n outside link set eth0 up
for address in 198.51.100.2/24 10.99.0.9/32 169.254.169.254/32; do ip -n outside addr add $address dev eth0; done
ip route add default via 198.51.100.2
at() { local name=$1; shift; ip netns exec "$name" "$@"; }
${isolation === 'netns' ? `${runOurs(namespace)}\nin_lab() { at duostack-${id} "$@"; }` : 'in_lab() { "$@"; }'}
add_machine() { # name bridge address gateway
  ip netns add $1
  in_lab ip link add vnet-$1 type veth peer name eth0
  in_lab ip link set eth0 netns $1 2>/dev/null || in_lab ip link set eth0 netns /run/netns/$1
  in_lab ip link set vnet-$1 master $2 up
  ip -n $1 link set lo up; ip -n $1 link set eth0 up
  ip -n $1 addr add $3/24 dev eth0; ip -n $1 route add default via $4
}
in_lab ip link add ${id}-mgmt type bridge; in_lab ip link add ${id}-prov type bridge
in_lab ip addr add 10.0.0.1/24 dev ${id}-mgmt; in_lab ip link set ${id}-mgmt up
in_lab ip addr add 203.0.113.1/24 dev ${id}-prov; in_lab ip link set ${id}-prov up
add_machine node ${id}-mgmt 10.0.0.11 10.0.0.1
add_machine instance ${id}-prov 203.0.113.101 203.0.113.1
serve() { local name=$1; shift; at $name python3 -c ${shellQuote(server)} $1 & }
python3 -c ${shellQuote(server)} 80 &
serve outside 80; serve node 80; serve instance 80
at outside python3 -c ${shellQuote(echo)} &
dns_here() { python3 -c ${shellQuote(echo)} & sleep 0.3; }
sleep 0.5
# from WHERE ADDRESS: what is reached there is told.
from() {
  local seen
  seen=$(at $1 timeout 2 bash -c "exec 3<>/dev/tcp/$2/\${3:-80} && cat <&3" 2>/dev/null) && echo "$1 reaches $2 as $seen" || echo "$1 does not reach $2"
}
# The same of several at the same time, told in their order.
from_all() {
  local who=$1 one; shift
  for one; do from $who $one >/run/said-$one & done
  for one; do until [ -s /run/said-$one ]; do sleep 0.1; done; cat /run/said-$one; rm /run/said-$one; done
}
asks() { echo "$1 asks $2: $(at $1 python3 -c ${shellQuote(ask)} $2)"; }
ruleset() { iptables-save | grep -v '^[#:]'; nft list ruleset | grep -v counter || :; }
`

const program = (lab: Lab, call: string) => `
const { openOutbound, closeOutbound } = await import('./scripts/host/outbound.ts')
const lab = ${JSON.stringify(lab)}
for (const line of (await ${call}(lab)) ?? []) console.log(line)
`

/** Runs a script on it, in which \`open\` and \`shut\` are the lab's doing; gives its lines of output. */
export async function onMachine(lab: Lab, script: string): Promise<string[]> {
  const call = (name: string, call: string) => `${name}() { ${runOurs(program(lab, call))}; }`
  const text = `${prologue(lab.isolation)}${call('open', 'openOutbound')}\n${call('shut', 'closeOutbound')}\n${script}
exit 0`
  const own = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  const { stdout } = await execa('unshare', [...own, 'bash', '-c', text], { cwd: root })
  return stdout.split('\n')
}
