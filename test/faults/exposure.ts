/** Part 8: who reaches what. Scans of every port against a declared table, and what an instance cannot do. */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openstack } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { onNode, tail } from './lab.ts'
import { recorded } from './ledger.ts'

const part = 'exposure'

/** Open TCP ports on the management network, node by node; whatever else listens is a fault. docs/security.md explains each. */
const openOnManagement: Readonly<Record<string, readonly number[]>> = {
  '10.0.0.11': [22, 80, 3306, 4369, 5000, 5672, 6080, 8774, 8775, 8776, 8778, 9292, 9696, 11211, 25672],
  // VNC of the instances (5900 and up) for the console proxy alone; never libvirt's 16509.
  '10.0.0.31': [22],
}
const vnc = (port: number) => port >= 5900 && port < 5950

/** UDP of the nodes' own: time, on the controller for the other nodes. */
const udpOnController = [123]

/** Run by node: prints the TCP ports of a host that take a connection. */
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
    socket.once('connect', () => { open.push(port); socket.destroy() })
    socket.once('timeout', () => socket.destroy())
    socket.once('error', () => {})
    socket.once('close', done)
  }).then(look)
}
Promise.all(Array.from({ length: 400 }, look)).then(() => console.log(open.sort((a, b) => a - b).join(' ')))
`

async function scanFromHere(copy: Copy, address: string): Promise<number[]> {
  const result = await copy.run('./lab', 'exec', '--', 'node', '-e', scanner, address)
  expect(result.exitCode, tail(result.all)).toBe(0)
  return String(result.stdout).split(' ').filter(Boolean).map(Number)
}

/** A shell command inside an instance, by the lab's key. */
async function inInstance(copy: Copy, address: string, command: string): Promise<string> {
  const options = ['-F', '/dev/null', '-i', join(copy.root, '.lab/ssh/id_ed25519'), '-o', 'BatchMode=yes']
  const unknown = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'ConnectTimeout=60']
  const result = await copy.run('./lab', 'exec', '--', 'ssh', ...options, ...unknown, `root@${address}`, command)
  return String(result.stdout)
}

const addressOf = async (copy: Copy, name: string, ...cloud: string[]) => {
  const { addresses } = await openstack<{ addresses: Record<string, string[]> }>(copy, ...cloud, 'server', 'show', name)
  return Object.values(addresses)[0]![0]!
}

/** While its address or MAC is another, the ssh session is dead: the script runs on its own and leaves what it saw. */
async function behindItsBack(copy: Copy, address: string, script: string): Promise<string> {
  const whole = `${script}\nip link set eth0 down; ip link set eth0 address "$mac"; ip link set eth0 up
ip addr flush dev eth0; ip addr add ${address}/24 dev eth0; ip route replace default via 203.0.113.1 2>/dev/null; echo end >>/tmp/seen`
  const quoted = whole.replaceAll("'", "'\\''")
  await inInstance(
    copy,
    address,
    `rm -f /tmp/seen; mac=$(cat /sys/class/net/eth0/address); export mac; nohup sh -c '${quoted}' >/dev/null 2>&1 </dev/null &`,
  )
  for (let attempt = 0; attempt < 40; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const seen = await inInstance(copy, address, 'cat /tmp/seen')
    if (seen.includes('end')) return seen
  }
  throw new Error('the instance did not come back')
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

  test('every TCP port of the networks own addresses: DHCP alone, and nothing of this machine', () =>
    recorded(part, "65535 ports of this machine's addresses and of the DHCP namespace", async () => {
      for (const address of ['10.0.0.1', '203.0.113.1']) expect(await scanFromHere(copy(), address)).toEqual([])
      const [port] = await openstack<{ 'Fixed IP Addresses': { ip_address: string }[] }[]>(
        copy(),
        'port',
        'list',
        '--device-owner',
        'network:dhcp',
      )
      // dnsmasq answers names too, and haproxy metadata.
      const open = await scanFromHere(copy(), port!['Fixed IP Addresses'][0]!.ip_address)
      expect(open.filter((one) => ![53, 80].includes(one))).toEqual([])
      return `none on this machine's; DHCP namespace: ${open.join(', ') || 'none'}`
    }))

  test('no node listens on the provider network, nor by UDP or libvirt where it need not', () =>
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
      for (const node of ['controller', 'compute1']) {
        expect(await onNode(copy(), node, 'ip -4 -br addr show | grep "203\\.0\\.113\\." || true')).toBe('')
      }
      return 'UDP 123 on the controller alone; libvirtd without TCP; no address on the provider network'
    }))

  test('an instance reaches neither the management network nor this machine', () =>
    recorded(part, 'from an instance', async () => {
      const address = await addressOf(copy(), 'test')
      const targets = [
        '10.0.0.1 22',
        '10.0.0.11 22',
        '10.0.0.11 3306',
        '10.0.0.11 5000',
        '10.0.0.11 8775',
        '10.0.0.31 22',
        '203.0.113.1 22',
        '203.0.113.1 8080',
      ]
      const look = targets.map((target) => `nc -w 3 ${target} </dev/null >/dev/null 2>&1 && echo "reached ${target}"`)
      const ping = ['10.0.0.1', '10.0.0.11', '10.0.0.31'].map(
        (ip) => `ping -c 1 -W 3 ${ip} >/dev/null 2>&1 && echo "answers ${ip}"`,
      )
      const seen = await inInstance(copy(), address, `${[...look, ...ping].join('; ')}; echo looked`)
      expect(seen.trim()).toBe('looked')
      return `${targets.length} ports and 3 pings: none`
    }))

  test('an instance cannot take another MAC or another address', () =>
    recorded(part, 'MAC, IP and ARP spoofing', async () => {
      const address = await addressOf(copy(), 'test')
      const gateway = '203.0.113.1'
      const seen = await behindItsBack(
        copy(),
        address,
        `say() { echo "$*" >>/tmp/seen; }
ping -c 2 -W 3 ${gateway} >/dev/null && say control: gateway answers
ip addr add 203.0.113.99/24 dev eth0; ping -c 2 -W 3 -I 203.0.113.99 ${gateway} >/dev/null && say spoofed IP passed
arping -U -c 3 -s 203.0.113.99 -I eth0 203.0.113.99 >/dev/null 2>&1
sleep 12
ip addr del 203.0.113.99/24 dev eth0
ip link set eth0 down; ip link set eth0 address fa:16:3e:aa:bb:cc; ip link set eth0 up; ip route add default via ${gateway}
ping -c 2 -W 3 ${gateway} >/dev/null && say spoofed MAC passed`,
      )
      expect(seen).toContain('control: gateway answers')
      expect(seen).not.toContain('spoofed')
      return 'the gateway answers the own address and MAC alone'
    }))

  test('an ARP answer for an address that is not its own does not leave the instance', () =>
    recorded(part, 'ARP for an address of somebody else', async () => {
      const address = await addressOf(copy(), 'test')
      await inInstance(copy(), address, 'ip addr add 203.0.113.98/32 dev eth0')
      try {
        const own = await copy().run('./lab', 'exec', '--', 'ping', '-n', '-c', '1', '-W', '5', address)
        expect(own.exitCode).toBe(0)
        const other = await copy().run('./lab', 'exec', '--', 'ping', '-n', '-c', '2', '-W', '3', '203.0.113.98')
        expect(other.exitCode).not.toBe(0)
        const neighbour = await copy().run('./lab', 'exec', '--', 'ip', 'neigh', 'show', '203.0.113.98')
        expect(String(neighbour.stdout)).not.toContain('lladdr')
      } finally {
        await inInstance(copy(), address, 'ip addr del 203.0.113.98/32 dev eth0')
      }
      return 'nobody learns it'
    }))

  test('an instance cannot serve DHCP', () =>
    recorded(part, 'a DHCP server in an instance', async () => {
      const address = await addressOf(copy(), 'test')
      const listen = `const s = require('node:dgram').createSocket('udp4'); s.on('message', (m) => console.log(String(m).trim())); s.bind(68, '203.0.113.1'); setTimeout(() => process.exit(0), 15000)`
      const listening = copy().run('./lab', 'exec', '--', 'node', '-e', listen)
      await new Promise((resolve) => setTimeout(resolve, 3000))
      await inInstance(
        copy(),
        address,
        `(echo from-port-1067; sleep 1) | timeout 3 nc -u -p 1067 203.0.113.1 68; (echo from-port-67; sleep 1) | timeout 3 nc -u -p 67 203.0.113.1 68`,
      )
      const heard = String((await listening).stdout)
      expect(heard).toContain('from-port-1067')
      expect(heard).not.toContain('from-port-67')
      return 'what comes from port 67 is dropped, the rest is heard'
    }))

  test("an instance does not read another project's metadata, whatever headers it sends", () =>
    recorded(part, "another project's metadata", async () => {
      const demo = ['--os-cloud', 'demo']
      const kind = ['--image', 'duostack-test', '--flavor', 'm1.nano', '--network', 'provider']
      const other = await openstack<{ id: string }>(copy(), ...demo, 'server', 'create', ...kind, '--wait', 'foreign')
      try {
        const [own, foreign] = [await addressOf(copy(), 'test'), await addressOf(copy(), other.id, ...demo)]
        const { id } = await openstack<{ id: string }>(copy(), 'server', 'show', 'test')
        const forged = [
          `X-Forwarded-For: ${foreign}`,
          `X-Instance-ID: ${other.id}`,
          `X-Forwarded-For: ${foreign}, ${foreign}`,
        ]
        for (const header of ['X-Nothing: 1', ...forged]) {
          const url = 'http://169.254.169.254/openstack/latest/meta_data.json'
          const seen = await inInstance(copy(), own, `curl -s -m 30 -H '${header}' ${url}`)
          expect(seen, header).not.toContain(other.id)
          if (header === 'X-Nothing: 1') expect(seen).toContain(id)
        }
      } finally {
        await copy().run('./lab', 'openstack', ...demo, 'server', 'delete', '--wait', other.id)
      }
      return 'its own, or none'
    }))
}
