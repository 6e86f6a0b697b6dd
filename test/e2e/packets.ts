/** Packets of an instance: captured from its first one on, and made late or slow for a time. */

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { client } from '../harness/answers.ts'
import { type Copy, userSettings } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { expectRun, nodes, onNode, smallServer } from '../harness/lab.ts'

/** The types of the DHCP messages in a pcap file, in their order: 1 Discover, 2 Offer, 3 Request, 5 ACK. */
function dhcpMessages(file: Buffer): number[] {
  const found: number[] = []
  for (let start = 24; start + 16 <= file.length; ) {
    const end = start + 16 + file.readUInt32LE(start + 8)
    const packet = file.subarray(start + 16, end)
    const options = packet.indexOf(Buffer.from('63825363', 'hex'))
    for (let at = options + 4; options >= 0 && at < packet.length && packet[at] !== 255; at += 2 + packet[at + 1]!)
      if (packet[at] === 53) found.push(packet[at + 2]!)
    start = end
  }
  return found
}

const capturing = async (copy: Copy) =>
  (await Promise.all(nodes.map((node) => onNode(copy, node, 'pgrep -a tcpdump || true')))).join('').trim()

const start = (copy: Copy, ...args: string[]) =>
  execa('./lab', ['capture', ...args], { ...userSettings(copy.root), stdin: 'ignore' })

const word = /Message.*: (Discover|Offer|Request|ACK)$/

/** Shows the launch of an instance until it has its lease; then stops like a person. Returns the types of the messages. */
async function watchLease(copy: Copy, name: string): Promise<string[]> {
  const child = start(copy, name, '--wait', '--at', 'dhcp', '--fields', '--for', '5m')
  const seen: string[] = []
  for await (const line of child.iterable()) {
    const [, type] = word.exec(String(line)) ?? []
    if (type) seen.push(type)
    if (type === 'ACK') child.kill('SIGINT')
  }
  expect((await child).exitCode).toBe(0)
  return seen
}

export function captureTests(copyOf: () => Copy): void {
  describe('capture', () => {
    test('holds the DHCP exchange of a launch, at the server and at the tap, which is made meanwhile', async () => {
      const copy = copyOf()
      const [name, file] = ['e2e-captured', join(copy.root, '.lab/launch.pcap')]
      const leased = watchLease(copy, name)
      const atTap = start(copy, name, '--wait', '--output', file, '--for', '5m')
      await client(copy, 'server', 'create', name, ...smallServer)
      expect((await leased).slice(0, 4)).toEqual(['Discover', 'Offer', 'Request', 'ACK'])
      atTap.kill('SIGINT')
      const { exitCode, stderr } = await atTap
      expect(exitCode, String(stderr)).toBe(0)
      expect(stderr).toMatch(
        /all packets of e2e-captured at tap\S+ on compute1[\s\S]*capture: \d+ packets, \d+ bytes in /,
      )
      expect(dhcpMessages(await readFile(file)).slice(0, 4)).toEqual([1, 2, 3, 5])
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      await client(copy, 'server', 'delete', '--wait', name)
      expect(await capturing(copy)).toBe('')
    })

    test('--live is a pcap on stdout, and nothing else; it ends after its time', async () => {
      const { exitCode, stdout } = await execa('./lab', ['capture', 'test', '--live', '--for', '5s'], {
        ...userSettings(copyOf().root),
        encoding: 'buffer',
        stdin: 'ignore',
      })
      expect(exitCode).toBe(0)
      expect(Buffer.from(stdout).readUInt32LE(0)).toBe(0xa1b2c3d4)
      expect(await capturing(copyOf())).toBe('')
    })

    test('killed, it leaves nothing on the node', async () => {
      const child = start(copyOf(), 'test', '--at', 'bridge', '--for', '10m')
      await expect.poll(() => capturing(copyOf()), { timeout: 60_000, interval: 2000 }).toContain('brq')
      child.kill('SIGKILL')
      await expect.poll(() => capturing(copyOf()), { timeout: 30_000, interval: 2000 }).toBe('')
    })

    test('a place that the path does not have is refused with those that it has', async () => {
      const refused = await copyOf().run('./lab', 'capture', 'test', '--at', 'router')
      expect(refused.exitCode).toBe(1)
      expect(refused.all).toMatch(/expected: tap \(tap\S+ on compute1\), bridge .*, eth1 .*, dhcp /)
    })
  })
}

const qdisc = (copy: Copy) =>
  onNode(copy, 'compute1', 'tc qdisc show | grep -E "dev tap.*(tbf|netem)|(tbf|netem).*dev tap" || true')

/** How many were answered, and the average time in milliseconds. */
async function ping(copy: Copy, count: number, bytes = 56): Promise<number[]> {
  const { addresses } = JSON.parse(await client(copy, 'server', 'show', 'test', '-f', 'json')) as {
    addresses: Record<string, string[]>
  }
  const [address = ''] = Object.values(addresses).flat()
  const words = ['-n', '-q', '-c', `${count}`, '-i', '0.2', '-s', `${bytes}`, address]
  const { stdout } = await copy.run('./lab', 'exec', '--', 'ping', ...words)
  const [, received] = /(\d+) received/.exec(String(stdout)) ?? []
  const [, average] = /= [\d.]+\/([\d.]+)\//.exec(String(stdout)) ?? []
  return [Number(received), Number(average)]
}

export function impairTests(copyOf: () => Copy): void {
  describe('impair', () => {
    test('limits the rate, is named while it lasts, and is undone by --off or by the node itself', async () => {
      const copy = copyOf()
      const [, usual = 0] = await ping(copy, 5, 4000)
      await expectRun(copy, 'impair', 'test', '--rate', '64kbit', '--for', '10m')
      expect(await qdisc(copy)).toContain('rate 64Kbit')
      // 160 kbit/s are sent.
      const [received = 0, slow = 0] = await ping(copy, 10, 4000)
      expect(received < 10 || slow > usual + 100).toBe(true)
      const { exitCode, document } = await readDocument<{ healthy: boolean }>(copy, 'status')
      expect([exitCode, document.healthy]).toEqual([3, true])
      expect(JSON.stringify(document)).toContain('made worse by ./lab impair: rate 64kbit, for ')
      await expectRun(copy, 'impair', 'test', '--off')
      expect(await qdisc(copy)).toBe('')
      await expectRun(copy, 'impair', 'test', '--rate', '2mbit', '--for', '3s')
      await expect.poll(() => qdisc(copy), { timeout: 30_000, interval: 1000 }).toBe('')
      expect((await copy.run('./lab', 'status')).stdout).not.toContain('made worse')
    })

    test('delays and loses packets where the kernel has netem, and is refused by name where not', async () => {
      const copy = copyOf()
      const late = await copy.run('./lab', 'impair', 'test', '--delay', '100ms', '--for', '5m')
      if (late.exitCode !== 0) {
        expect(late.all).toMatch(/has no netem \(sch_netem\); nothing was changed/)
        expect(await qdisc(copy)).toBe('')
        return
      }
      const [, delayed = 0] = await ping(copy, 20)
      await expectRun(copy, 'impair', 'test', '--loss', '10%', '--for', '5m')
      const [received = 0, usual = 0] = await ping(copy, 200)
      await expectRun(copy, 'impair', 'test', '--off')
      console.error(`delay: ${delayed} ms, without: ${usual} ms; loss: ${200 - received} of 200`)
      expect(Math.abs(delayed - usual - 100)).toBeLessThanOrEqual(20)
      // Four standard deviations of 200 packets that are each lost with 10 %.
      expect(Math.abs(200 - received - 20)).toBeLessThanOrEqual(17)
      expect(await qdisc(copy)).toBe('')
    })
  })
}
