/** Tagged frames sent by a hostile instance, and where they are seen: at its port, on the wire, at a neighbor's. */

import { expect } from 'vitest'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import type { Copy } from '../harness/copy.ts'
import { inInstance, sshWords } from '../harness/instance.ts'
import { tail } from '../harness/output.ts'
import { readLabId } from '../harness/remains.ts'

const otherMac = 'fa:16:3e:aa:bb:cc'

/** Every Linux treats VLAN 0 as untagged; 101 is the VLAN network's, 200 the first of a project's own network. */
export const tags = ['802.1q 0', '802.1q 101', '802.1q 200', '802.1ad 0', '802.1ad 7']

export interface Peer {
  ip: string
  mac: string
}

interface Attempt {
  /** The line of exposure-instance.ts, or of the issue. */
  what: string
  /** For busybox's shell; p0 is the tagged interface. Sends at least one frame, whatever the answer. */
  run: string
  /** That frame, as tcpdump prints it. */
  frame: RegExp
}

/** arping announces an address that the interface has. */
const gratuitous = 'ip addr add 203.0.113.98/32 dev p0; arping -U -c 1 -w 1 -I p0 203.0.113.98'
export const attempts = (dhcp: Peer, victim: Peer): readonly Attempt[] => [
  { what: 'another address', run: `ping -c 1 -W 1 -I p0 ${dhcp.ip}`, frame: / 203\.0\.113\.99 > .*ICMP echo/ },
  { what: 'a security group', run: `ping -c 1 -W 1 -I p0 ${victim.ip}`, frame: new RegExp(` > ${victim.ip}: ICMP`) },
  { what: 'the management network', run: 'ping -c 1 -W 1 -I p0 10.0.0.11', frame: / > 10\.0\.0\.11: ICMP/ },
  { what: 'IPv6', run: 'ping -6 -c 1 -W 1 ff02::1%p0', frame: / > ff02::1: ICMP6/ },
  { what: 'ARP for an address', run: gratuitous, frame: /ARP.* 203\.0\.113\.98/ },
  {
    what: 'DHCP',
    // By a route: if curl is given an interface, it ignores the port.
    run: `ip route add ${dhcp.ip}/32 dev p0; curl -s -m 2 --local-port 67 tftp://${dhcp.ip}:68/hello`,
    frame: /\.67 > .*\.68:/,
  },
  { what: 'metadata', run: 'curl -s -m 2 --interface p0 http://169.254.169.254/', frame: / > 169\.254\.169\.254\.80:/ },
  {
    what: 'another MAC',
    run: `ip link set p0 down; ip link set p0 address ${otherMac}; ip link set p0 up; ${gratuitous}`,
    frame: new RegExp(`${otherMac} > .*ARP`),
  },
]

/** All attempts with one tag after the other. The receiver's MAC is set by hand, because ARP would not work. */
function attack(dhcp: Peer, victim: Peer, chosen: readonly string[]): string {
  const known = [dhcp, victim, { ip: '10.0.0.11', mac: dhcp.mac }, { ip: '169.254.169.254', mac: dhcp.mac }]
  const one = `ip link add link eth0 name p0 type vlan protocol $1 id $2 && ip link set p0 up || echo "no p0 with $*"
ip addr add 203.0.113.99/32 dev p0
${known.map(({ ip, mac }) => `arp -i p0 -s ${ip} ${mac}`).join('\n')}
{ ${attempts(dhcp, victim)
    .map(({ run }) => run)
    .join('; ')}; } >/dev/null 2>&1
ip link del p0`
  return `attack() {\n${one}\n}\n${chosen.map((tag) => `attack ${tag}`).join('\n')}\necho over`
}

/** The modules that the instance's kernel needs for tags, copied from the node, which has the same kernel. */
export async function loadVlanModule(copy: Copy, address: string): Promise<void> {
  const names = ['llc/llc', '802/stp', '802/garp', '802/mrp', '8021q/8021q'].map((name) => `${name}.ko`)
  const insert = `cd /tmp && tar x && { grep -q ^8021q /proc/modules || for one in ${names.join(' ')}; do insmod $one; done; }`
  const words = [...sshWords(copy, address), insert].map(shellQuote).join(' ')
  const pipe = `./lab ssh compute1 'cd /lib/modules/*/kernel/net && tar c ${names.join(' ')}' | ./lab exec -- ${words}`
  const result = await copy.run('bash', '-o', 'pipefail', '-c', pipe)
  expect(result.exitCode, tail(result.all)).toBe(0)
}

/** Not if this already runs as root, who may not be allowed to use sudo. */
export const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n', '--']
/** Frames of these senders on an interface, as lines, until its stop file exists. */
export const stopFile = (device: string) => `/tmp/duostack-capture-${device}-over`
export const captureScript = (device: string, macs: readonly string[]) => `rm -f ${stopFile(device)}
tcpdump -l -e -n -i ${device} '${macs.map((mac) => `ether src ${mac}`).join(' or ')}' 2>/dev/null & pid=$!
while [ ! -e ${stopFile(device)} ]; do sleep 0.3; done; sleep 1; kill $pid; wait; rm -f ${stopFile(device)}`

export interface Stage {
  copy: Copy
  /** The attacker's. */
  address: string
  mac: string
  tap: string
  dhcp: Peer
  victim: Peer
  victimTap: string
}

/** Frames with a tag: at the attacker's own tap, on the wire between the nodes, and at the tap of another instance. */
type Seen = Readonly<Record<'sent' | 'wire' | 'victim', string[]>>

export async function watchAttack(stage: Stage, chosen = tags): Promise<Seen> {
  const { copy, address, mac, dhcp, victim } = stage
  const onHost = ['exec', '--', ...asRoot, 'bash', '-c'] as const
  const onCompute = ['ssh', 'compute1'] as const
  const places = [
    { device: stage.tap, where: onCompute },
    { device: `${await readLabId(copy)}-prov`, where: onHost },
    { device: stage.victimTap, where: onCompute },
  ]
  const captures = places.map(({ device, where }) =>
    copy.run('./lab', ...where, captureScript(device, [mac, otherMac])),
  )
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const said = await inInstance(copy, address, attack(dhcp, victim, chosen))
  for (const { device, where } of places) await copy.run('./lab', ...where, `touch ${stopFile(device)}`)
  expect(said).toBe('over')
  const [sent = [], wire = [], victims = []] = (await Promise.all(captures)).map(({ stdout }) =>
    String(stdout)
      .split('\n')
      .filter((line) => / vlan \d+/.test(line)),
  )
  expectEach(sent, chosen, attempts(dhcp, victim))
  return { sent, wire, victim: victims }
}

/** For each tag there is a frame of each attempt. */
export function expectEach(lines: readonly string[], chosen: readonly string[], wanted: readonly Attempt[]): void {
  for (const tag of chosen) {
    const [protocol, number] = tag.split(' ')
    const head = new RegExp(`${protocol === '802.1q' ? '0x8100' : '0x88a8'}\\), length \\d+: vlan ${number},`)
    const tagged = lines.filter((line) => head.test(line))
    const missing = wanted.filter(({ frame }) => !tagged.some((line) => frame.test(line)))
    expect(
      missing.map(({ what }) => what),
      `${tag}:\n${tagged.join('\n')}`,
    ).toEqual([])
  }
}
