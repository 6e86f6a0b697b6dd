/**
 * Part 8: which ports are reachable from where. Scans all ports and compares them with a table; then what an instance
 * cannot do.
 */

import { expect, test } from 'vitest'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { nodes, onNode, runInside } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { instanceTests } from './exposure-instance.ts'
import { ipv6Tests } from './exposure-ipv6.ts'
import { outboundTests } from './exposure-outbound.ts'
import { serviceTests } from './exposure-services.ts'
import { tagTests } from './exposure-tags.ts'
import { vxlanTests } from './exposure-vxlan.ts'

const part = 'exposure'

/** Open TCP ports on the management network, by node; no others may be open. See docs/reference/security.md. */
const openOnManagement: Readonly<Record<string, readonly number[]>> = {
  '10.0.0.11': [22, 80, 3306, 4369, 5000, 5672, 6080, 8774, 8775, 8776, 8778, 9292, 9696, 11211, 25672],
  // VNC of the instances (5900 and up) only for the console proxy; never libvirt's 16509.
  '10.0.0.31': [22],
}
const vnc = (port: number) => port >= 5900 && port < 5950

/** The nodes' own UDP ports: time, on the controller for the other nodes. */
const udpOnController = [123]

/** Run on each node: prints the TCP ports of a host that accept a connection. */
const scanner = `
const net = require('node:net')
const [host] = process.argv.slice(1), open = []
let next = 1
const look = () => {
  if (next > 65535) return
  const port = next++
  return new Promise((done) => {
    const socket = net.connect({ host, port })
    socket.setTimeout(2000)
    // Towards this machine's own address a socket may be given the very port that it asks, and meets itself.
    socket.once('connect', () => { if (socket.localPort !== port) open.push(port); socket.destroy() })
    socket.once('timeout', () => socket.destroy())
    socket.once('error', () => {})
    socket.once('close', done)
  }).then(look)
}
Promise.all(Array.from({ length: 400 }, look)).then(() => console.log(open.sort((a, b) => a - b).join(' ')))
`

async function scanFromHere(copy: Copy, address: string): Promise<number[]> {
  const open = await runInside(copy, 'node', '-e', scanner, address)
  return open.split(' ').filter(Boolean).map(Number)
}

export function exposureTests(copy: () => Copy): void {
  test.each(Object.entries(openOnManagement))(
    'every TCP port of %s, from the management network',
    (address, declared) =>
      recorded(part, `65535 ports of ${address} from the management network`, async () => {
        const open = (await scanFromHere(copy(), address)).filter(
          (port) => declared.includes(port) || !vnc(port) || address !== '10.0.0.31',
        )
        expect(open).toEqual(declared)
        return `open: ${open.join(', ')}`
      }),
  )

  test("all TCP ports of the networks' own addresses: only DHCP, and nothing of this machine", () =>
    recorded(part, "65535 ports of this machine's addresses and of the DHCP namespace", async () => {
      for (const address of ['10.0.0.1', '203.0.113.1']) expect(await scanFromHere(copy(), address)).toEqual([])
      const udp = await copy().run('./lab', 'exec', '--', 'ss', '-Hlnu')
      expect([udp.exitCode, udp.stdout]).toEqual([0, ''])
      const [port] = await openstack<{ 'Fixed IP Addresses': { ip_address: string }[] }[]>(
        copy(),
        'port',
        'list',
        '--device-owner',
        'network:dhcp',
      )
      // dnsmasq also answers DNS, and haproxy serves metadata.
      const open = await scanFromHere(copy(), port!['Fixed IP Addresses'][0]!.ip_address)
      expect(open).toContain(53)
      expect(open.filter((one) => ![53, 80].includes(one))).toEqual([])
      return `none on this machine's; DHCP namespace: ${open.join(', ')}`
    }))

  test('no node listens on the provider network, nor unnecessarily on UDP or for libvirt', () =>
    recorded(part, 'listeners of the nodes, UDP and libvirt', async () => {
      const own = "ss -Hlntu | awk '{print $1, $5}' | grep -vE ' (127\\.|\\[::1\\])' | sort -u"
      const controller = await onNode(copy(), 'controller', own)
      const udp = controller
        .split('\n')
        .filter((line) => line.startsWith('udp'))
        .map((line) => Number(line.split(':').at(-1)))
      expect([...new Set(udp)].filter((port) => !udpOnController.includes(port))).toEqual([])
      const compute = await onNode(copy(), 'compute1', own)
      expect(compute).not.toMatch(/:16509|:16514/)
      expect(compute.split('\n').filter((line) => line.startsWith('udp'))).toEqual([])
      for (const node of nodes) {
        expect(await onNode(copy(), node, 'ip -4 -br addr show | grep "203\\.0\\.113\\." || true')).toBe('')
      }
      return 'UDP 123 on the controller only; libvirtd without TCP; no address on the provider network'
    }))

  instanceTests(copy)
  ipv6Tests(copy)
  vxlanTests(copy)
  tagTests(copy)
  serviceTests(copy)
  outboundTests(copy)
}
