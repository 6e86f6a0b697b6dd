/** Part 8, from inside once more, by frames with a tag: what an instance cannot do without one it cannot do with one either. */

import { expect, test } from 'vitest'
import { openstack } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { addressOf, inInstance, sshWords } from './instance.ts'
import { onNode, smallServer, tail } from './lab.ts'
import { recorded } from './ledger.ts'
import { readLabId } from './remains.ts'

const part = 'exposure'
const otherMac = 'fa:16:3e:aa:bb:cc'

/** VLAN 0 is for every Linux as if there was no tag; 101 is the VLAN network's, 200 the first of a project's own. */
const tags = ['802.1q 0', '802.1q 101', '802.1q 200', '802.1ad 0', '802.1ad 7']

interface Peer {
  ip: string
  mac: string
}

interface Attempt {
  /** The line of exposure-instance.ts, or of the issue. */
  what: string
  /** For busybox's shell; p0 is the tagged interface. At least one frame is sent, whatever comes back. */
  run: string
  /** Of that frame, as tcpdump prints it. */
  frame: RegExp
}

const gratuitous = 'arping -U -c 1 -w 1 -I p0 203.0.113.98'
const attempts = (dhcp: Peer, victim: Peer): readonly Attempt[] => [
  { what: 'another address', run: `ping -c 1 -W 1 -I p0 ${dhcp.ip}`, frame: / 203\.0\.113\.99 > .*ICMP echo/ },
  { what: 'a security group', run: `ping -c 1 -W 1 -I p0 ${victim.ip}`, frame: new RegExp(` > ${victim.ip}: ICMP`) },
  { what: 'the management network', run: 'ping -c 1 -W 1 -I p0 10.0.0.11', frame: / > 10\.0\.0\.11: ICMP/ },
  { what: 'IPv6', run: 'ping -6 -c 1 -W 1 ff02::1%p0', frame: / > ff02::1: ICMP6/ },
  { what: 'ARP for an address', run: gratuitous, frame: /ARP.* 203\.0\.113\.98/ },
  {
    what: 'DHCP',
    run: `curl -s -m 2 --interface p0 --local-port 67 tftp://${dhcp.ip}:68/hello`,
    frame: /\.67 > .*\.68:/,
  },
  { what: 'metadata', run: 'curl -s -m 2 --interface p0 http://169.254.169.254/', frame: / > 169\.254\.169\.254\.80:/ },
  {
    what: 'another MAC',
    run: `ip link set p0 down; ip link set p0 address ${otherMac}; ip link set p0 up; ${gratuitous}`,
    frame: new RegExp(`${otherMac} > .*ARP`),
  },
]

/** All attempts with one tag after the other. Whom a frame is for is entered by hand: ARP could not ask. */
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

/** What the kernel of the instance needs for tags, from the node, whose kernel is the same. */
async function loadVlanModule(copy: Copy, address: string): Promise<void> {
  const names = ['llc/llc', '802/stp', '802/garp', '802/mrp', '8021q/8021q'].map((name) => `${name}.ko`)
  const insert = `cd /tmp && tar x && { grep -q ^8021q /proc/modules || for one in ${names.join(' ')}; do insmod $one; done; }`
  const words = [...sshWords(copy, address), insert].map((word) => `'${word}'`).join(' ')
  const pipe = `./lab ssh compute1 'cd /lib/modules/*/kernel/net && tar c ${names.join(' ')}' | ./lab exec -- ${words}`
  const result = await copy.run('bash', '-o', 'pipefail', '-c', pipe)
  expect(result.exitCode, tail(result.all)).toBe(0)
}

/** Not where this is root already: it may be no sudoer. */
const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n', '--']
const stopFile = '/tmp/duostack-capture-over'
/** Frames of these senders on an interface, as lines, until the stop file is there. */
const captureScript = (device: string, macs: readonly string[]) => `rm -f ${stopFile}
tcpdump -l -e -n -i ${device} '${macs.map((mac) => `ether src ${mac}`).join(' or ')}' 2>/dev/null & pid=$!
while [ ! -e ${stopFile} ]; do sleep 0.3; done; sleep 1; kill $pid; wait; rm -f ${stopFile}`

interface Stage {
  copy: Copy
  /** The attacker's. */
  address: string
  mac: string
  dhcp: Peer
  victim: Peer
  victimTap: string
}

/** What is seen on the wire between the nodes and at the other instance while the attacker does its worst. */
async function watchAttack(stage: Stage, chosen = tags): Promise<{ wire: string[]; victim: string[] }> {
  const { copy, address, mac, dhcp, victim, victimTap } = stage
  const bridge = `${await readLabId(copy)}-prov`
  const macs = [mac, otherMac]
  const wire = copy.run('./lab', 'exec', '--', ...asRoot, 'bash', '-c', captureScript(bridge, macs))
  const atVictim = copy.run('./lab', 'ssh', 'compute1', captureScript(victimTap, macs))
  await new Promise((resolve) => setTimeout(resolve, 4000))
  const said = await inInstance(copy, address, attack(dhcp, victim, chosen))
  await copy.run('./lab', 'exec', '--', ...asRoot, 'touch', stopFile)
  await onNode(copy, 'compute1', `touch ${stopFile}`)
  expect(said).toBe('over')
  const tagged = (text: unknown) =>
    String(text)
      .split('\n')
      .filter((line) => / vlan \d+/.test(line))
  return { wire: tagged((await wire).stdout), victim: tagged((await atVictim).stdout) }
}

async function setPortSecurity(stage: Stage, port: string, on: boolean): Promise<void> {
  const words = on
    ? ['--enable-port-security', '--security-group', 'ping-and-ssh']
    : ['--disable-port-security', '--no-security-group']
  const set = await stage.copy.run('./lab', 'openstack', 'port', 'set', ...words, port)
  expect(set.exitCode, tail(set.all)).toBe(0)
  // Neutron's agent looks every two seconds.
  const rule = `ebtables -t nat -L port-frames | grep -c -e '-[io] tap${port.slice(0, 11)} -j RETURN'`
  await onNode(stage.copy, 'compute1', `until [ "$(${rule})" = ${on ? 0 : 2} ]; do sleep 1; done`)
}

interface Port {
  ID: string
  'MAC Address': string
  'Fixed IP Addresses': { ip_address: string }[]
}

async function portOf(copy: Copy, ...filter: string[]): Promise<Port> {
  const [port] = await openstack<Port[]>(copy, 'port', 'list', '--network', 'provider', ...filter)
  return port!
}

const peerOf = (port: Port): Peer => ({ ip: port['Fixed IP Addresses'][0]!.ip_address, mac: port['MAC Address'] })

export function tagTests(copy: () => Copy): void {
  test('what an instance cannot do it cannot do by tagged frames either, nor does its neighbour hear any', () =>
    recorded(part, 'tagged frames: VLAN 0, VLANs of others, 802.1ad', async () => {
      const own = await portOf(copy(), '--server', 'test')
      const dhcp = peerOf(await portOf(copy(), '--device-owner', 'network:dhcp'))
      const create = ['--os-cloud', 'demo', 'server', 'create', ...smallServer, '--wait', 'victim']
      const { id } = await openstack<{ id: string }>(copy(), ...create)
      try {
        const victimPort = await portOf(copy(), '--device-id', id)
        const victimTap = `tap${victimPort.ID.slice(0, 11)}`
        const address = await addressOf(copy(), 'test')
        const stage = { copy: copy(), address, mac: own['MAC Address'], dhcp, victim: peerOf(victimPort), victimTap }
        await loadVlanModule(copy(), address)
        expect(await watchAttack(stage)).toEqual({ wire: [], victim: [] })

        // The control: without port security all of it is sent, and still none of it reaches a port that has it.
        await setPortSecurity(stage, own.ID, false)
        const free = await watchAttack(stage)
        await setPortSecurity(stage, own.ID, true)
        expect(free.victim).toEqual([])
        for (const tag of tags) {
          const [protocol, number] = tag.split(' ')
          const head = new RegExp(`${protocol === '802.1q' ? '0x8100' : '0x88a8'}\\), length \\d+: vlan ${number},`)
          const lines = free.wire.filter((line) => head.test(line))
          for (const { what, frame } of attempts(dhcp, stage.victim)) {
            expect(
              lines.filter((line) => frame.test(line)),
              `${tag}: ${what}\n${lines.join('\n')}`,
            ).not.toEqual([])
          }
        }
        expect(await watchAttack(stage, tags.slice(0, 1))).toEqual({ wire: [], victim: [] })
        return `${attempts(dhcp, stage.victim).length} attempts with each of ${tags.length} tags: no frame leaves; without port security ${free.wire.length}, none to a neighbour`
      } finally {
        await copy().run('./lab', 'openstack', '--os-cloud', 'demo', 'server', 'delete', '--wait', id)
      }
    }))
}
