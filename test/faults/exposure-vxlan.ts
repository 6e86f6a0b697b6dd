/** Part 8, of a self-service lab: VXLAN from where it must not come, to UDP port 4789 of the nodes. */

import { expect, test } from 'vitest'
import { isSelfService } from '../../scripts/declaration/lab.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { selfServiceNetwork } from '../../scripts/declaration/provider-network.ts'
import { client, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { nodes, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { createPort, type Port, portFunctions } from '../harness/port-client.ts'
import { readLabId } from '../harness/remains.ts'
import { asRoot, captureScript, stopFile } from './tagged-attack.ts'

/** One packet of VXLAN with a frame of its own inside, whose sender names the attempt. */
const sender = `import socket, struct, sys
device, target_mac, source, target, segment, inner = sys.argv[1:]
mac = lambda text: bytes.fromhex(text.replace(':', ''))
frame = b'\\xff' * 6 + mac(inner) + b'\\x08\\x06' + bytes(46)
vxlan = struct.pack('!II', 0x08000000, int(segment) << 8) + frame
udp = struct.pack('!HHHH', 49152, 4789, 8 + len(vxlan), 0) + vxlan
head = struct.pack('!BBHHHBBH4s4s', 69, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(target))
total = sum(struct.unpack('!10H', head))
total = (total & 0xffff) + (total >> 16)
head = head[:10] + struct.pack('!H', 0xffff - total) + head[12:]
one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
one.bind((device, 0))
one.send(mac(target_mac) + one.getsockname()[4] + b'\\x08\\x00' + head + udp)`

const python = (...words: string[]) => `python3 - ${words.join(' ')} <<'end'\n${sender}\nend`
const innerMac = (attempt: number) => `02:00:00:00:00:0${attempt}`

interface Macs {
  /** On the management network, and of the bridge of the provider network. */
  management: string
  provider: string
}

async function readMacs(copy: Copy, node: string): Promise<Macs> {
  const [management = '', provider = ''] = (
    await onNode(copy, node, 'cat /sys/class/net/eth0/address /sys/class/net/eth1/master/address')
  ).split('\n')
  return { management, provider }
}

interface Stage {
  segment: string
  controller: Macs
  compute: Macs
  /** Of clients with the same rules as instances, and the MAC of the router on the project network. */
  outside: Port
  inside: Port
  router: string
}

/** In this order; the first comes from a node and must be heard. */
function attempts({ segment, controller, compute, outside, inside, router }: Stage, id: string) {
  const from = (space: string) => (script: string) => `ip netns exec ${space} ${script}`
  const [provider, project] = [from('test-outside'), from('test-inside')]
  const send = (attempt: number, ...words: string[]) => python(...words, segment, innerMac(attempt))
  return {
    node: send(1, 'eth0', controller.management, '10.0.0.31', '10.0.0.11'),
    host: [
      send(2, `${id}-mgmt`, controller.management, '10.0.0.1', '10.0.0.11'),
      // From where an uplink would be, with the address of a node.
      send(3, `${id}-prov`, controller.provider, '10.0.0.31', '10.0.0.11'),
    ],
    clients: [
      provider(send(4, 'eth0', controller.provider, outside.address, '10.0.0.11')),
      provider(send(5, 'eth0', compute.provider, outside.address, '10.0.0.31')),
      // What is meant for the node itself passes no anti-spoofing.
      provider(send(6, 'eth0', compute.provider, '10.0.0.11', '10.0.0.31')),
      project(send(7, 'eth0', router, inside.address, '10.0.0.11')),
    ],
  }
}

async function sendAll(copy: Copy, stage: Stage): Promise<string[]> {
  const device = `vxlan-${stage.segment}`
  const { node, host, clients } = attempts(stage, (await readLabId(copy))!)
  const macs = [1, 2, 3, 4, 5, 6, 7].map(innerMac)
  const captures = nodes.map((name) => copy.run('./lab', 'ssh', name, captureScript(device, macs)))
  await new Promise((resolve) => setTimeout(resolve, 5000))
  await onNode(copy, 'compute1', node)
  const here = await copy.run('./lab', 'exec', '--', ...asRoot, 'bash', '-ec', host.join('\n'))
  expect(here.exitCode, String(here.all)).toBe(0)
  const { outside, inside } = stage
  const plugs = `plug test-outside ${outside.id} ${outside.mac}; plug test-inside ${inside.id} ${inside.mac}`
  const up = 'for name in test-outside test-inside; do ip -n $name link set eth0 up; done; sleep 1'
  await onNode(copy, 'compute1', [portFunctions, plugs, up, 'set -e', ...clients].join('\n'))
  for (const name of nodes) await onNode(copy, name, `touch ${stopFile(device)}`)
  const lines = (await Promise.all(captures)).flatMap(({ stdout }) => String(stdout).split('\n')).filter(Boolean)
  return macs.filter((mac) => lines.some((line) => line.includes(`${mac} >`)))
}

/** Nothing on a lab without project networks. */
export function vxlanTests(copy: () => Copy): void {
  test('VXLAN is taken from nodes alone: not from this machine, the provider network or an instance', (context) => {
    if (!isSelfService(loadLab(copy().root))) return context.skip()
    return recorded('exposure', 'VXLAN (UDP 4789) from 6 places', async () => {
      const { name, gateway } = selfServiceNetwork
      const network = await openstack<{ 'provider:segmentation_id': number }>(copy(), 'network', 'show', name)
      const owner = [
        'port',
        'list',
        '--device-owner',
        'network:router_interface',
        '--fixed-ip',
        `ip-address=${gateway}`,
      ]
      const [router] = await openstack<{ 'MAC Address': string }[]>(copy(), ...owner)
      const outside = await createPort(copy(), 'outside', 'provider')
      const inside = await createPort(copy(), 'inside', name)
      try {
        const [controller, compute] = [await readMacs(copy(), 'controller'), await readMacs(copy(), 'compute1')]
        const segment = `${network['provider:segmentation_id']}`
        const stage = { segment, controller, compute, outside, inside, router: router!['MAC Address'] }
        expect(await sendAll(copy(), stage)).toEqual([innerMac(1)])
      } finally {
        await client(copy(), 'port', 'delete', outside.id, inside.id)
      }
      return 'heard from a node; not from this machine on both networks, nor from instances on both networks'
    })
  })
}
