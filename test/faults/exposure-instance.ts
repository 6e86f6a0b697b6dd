/** Part 8, from an instance: what it cannot reach, and what it cannot impersonate. */

import { expect, test } from 'vitest'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { addressOf, behindItsBack, inInstance } from '../harness/instance.ts'
import { nodes, onNode, smallServer } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'

const part = 'exposure'
const gateway = '203.0.113.1'

/** Ports that an instance must not reach; the last two are this machine's on its own network. */
const ports = [
  '10.0.0.1 22',
  '10.0.0.11 22',
  '10.0.0.11 3306',
  '10.0.0.11 5000',
  '10.0.0.11 8775',
  '10.0.0.31 22',
  `${gateway} 22`,
  `${gateway} 8080`,
]
const silent = ['10.0.0.1', '10.0.0.11', '10.0.0.31']

/** Link-local IPv6 addresses, one per line, without Neutron's DHCP namespaces. */
const linkLocal = "ip -6 -o addr show scope link | awk '{print $4}' | cut -d/ -f1"
const linkLocalOfDhcp = `for one in $(ip netns list | grep -o "^qdhcp-[^ ]*"); do ip netns exec $one ${linkLocal}; done`

export function instanceTests(copy: () => Copy): void {
  test('an instance reaches neither the management network nor this machine, by its gateway or by ARP', () =>
    recorded(part, 'from an instance', async () => {
      const address = await addressOf(copy(), 'test')
      const look = [
        ...ports.map((target) => `nc -w 3 ${target} </dev/null >/dev/null 2>&1 && echo "reached ${target}"`),
        ...silent.map((ip) => `ping -c 1 -W 3 ${ip} >/dev/null 2>&1 && echo "answers ${ip}"`),
      ].join('; ')
      const script = `ping -c 1 -W 3 ${gateway} >/dev/null && echo control
${look}
ip route add 10.0.0.0/24 dev eth0
${look}
ip route del 10.0.0.0/24 dev eth0; echo looked`
      const seen = await inInstance(copy(), address, script)
      expect(seen.split('\n')).toEqual(['control', 'looked'])
      return `${ports.length} ports and ${silent.length} pings, twice: none`
    }))

  test("an instance gets no answer from an IPv6 address of a node or of this machine; DHCP's has one", () =>
    recorded(part, 'IPv6 from an instance', async () => {
      const address = await addressOf(copy(), 'test')
      const own = await Promise.all(nodes.map((node) => onNode(copy(), node, linkLocal)))
      const here = await copy().run('./lab', 'exec', '--', 'sh', '-c', linkLocal)
      const dhcp = await onNode(copy(), 'controller', linkLocalOfDhcp)
      const listed = [...own, String(here.stdout)].join('\n').split('\n').filter(Boolean)
      const control = dhcp.split('\n').filter(Boolean)
      const look = [...listed, ...control].map((ip) => `ping -6 -c 1 -W 3 ${ip}%eth0 >/dev/null 2>&1 && echo ${ip}`)
      const seen = await inInstance(copy(), address, `${look.join('; ')}; echo looked`)
      const answered = seen.split('\n')
      expect(answered.filter((ip) => control.includes(ip))).not.toEqual([])
      expect(answered.filter((ip) => !control.includes(ip))).toEqual(['looked'])
      for (const node of nodes) {
        const wires = 'ip -6 -br addr show scope link | grep -E "^(brq|eth1|tap)" || true'
        expect(await onNode(copy(), node, wires)).toBe('')
      }
      return `${listed.length} addresses: none answers, and none of Neutron's interfaces has one`
    }))

  test('an instance cannot take another MAC or another address', () =>
    recorded(part, 'MAC and IP spoofing', async () => {
      const address = await addressOf(copy(), 'test')
      const seen = await behindItsBack(
        copy(),
        address,
        `ping -c 2 -W 3 ${gateway} >/dev/null && say control: gateway answers
ip addr add 203.0.113.99/24 dev eth0; ping -c 2 -W 3 -I 203.0.113.99 ${gateway} >/dev/null && say spoofed IP passed
ip addr del 203.0.113.99/24 dev eth0
ip link set eth0 down; ip link set eth0 address fa:16:3e:aa:bb:cc; ip link set eth0 up
say now $(cat /sys/class/net/eth0/address)
ping -c 2 -W 3 ${gateway} >/dev/null && say spoofed MAC passed`,
      )
      expect(seen.split('\n')).toEqual(['control: gateway answers', 'now fa:16:3e:aa:bb:cc', 'end'])
      return 'the gateway answers the own address and MAC only'
    }))

  test('an ARP answer for a foreign address does not leave the instance', () =>
    recorded(part, "ARP for another's address", async () => {
      const address = await addressOf(copy(), 'test')
      await inInstance(copy(), address, 'ip addr add 203.0.113.98/32 dev eth0')
      try {
        expect(await inInstance(copy(), address, 'ip addr show dev eth0')).toContain('203.0.113.98')
        const other = await copy().run('./lab', 'exec', '--', 'ping', '-n', '-c', '2', '-W', '3', '203.0.113.98')
        expect(other.exitCode).not.toBe(0)
        const neighbour = await copy().run('./lab', 'exec', '--', 'ip', 'neigh', 'show', '203.0.113.98')
        expect(String(neighbour.stdout)).toMatch(/FAILED|INCOMPLETE/)
        expect(String(neighbour.stdout)).not.toContain('lladdr')
      } finally {
        await inInstance(copy(), address, 'ip addr del 203.0.113.98/32 dev eth0')
      }
      return 'no one learns it'
    }))

  test('an instance cannot serve DHCP', () =>
    recorded(part, 'a DHCP server in an instance', async () => {
      const address = await addressOf(copy(), 'test')
      const listen = `const s = require('node:dgram').createSocket('udp4')
s.on('message', (text, { port }) => console.log(port))
s.bind(68, '${gateway}'); setTimeout(() => process.exit(0), 20000)`
      const listening = copy().run('./lab', 'exec', '--', 'node', '-e', listen)
      await new Promise((resolve) => setTimeout(resolve, 5000))
      // The only program in the instance that can send UDP from a chosen port.
      const send = [1067, 67].map((port) => `curl -s -m 3 --local-port ${port} tftp://${gateway}:68/hello`)
      await inInstance(copy(), address, send.join('; '))
      const heard = new Set(String((await listening).stdout).split('\n'))
      expect([...heard]).toEqual(['1067'])
      return 'packets from port 67 are dropped, the rest pass'
    }))

  test("an instance does not read another project's metadata, whatever headers it sends", () =>
    recorded(part, "another project's metadata", async () => {
      const demo = ['--os-cloud', 'demo']
      const create = ['server', 'create', ...smallServer, '--wait', 'foreign']
      const other = await openstack<{ id: string }>(copy(), ...demo, ...create)
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
      return 'gets its own or none'
    }))
}
