import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { parseImpaired } from '../../../scripts/health/checks/impaired.ts'
import { disciplines, impairScript, nameImpairment, probeScript } from '../../../scripts/insight/wire/impair.ts'
import { noInterface, tcpdumpScript } from '../../../scripts/insight/wire/tcpdump-script.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'

const tap = { name: 'tap', node: 'compute1', device: 'tapbf2d9965-e6' } as const

/** Runs a script with programs of our own in place of the node's. */
function run(script: string, programs: Readonly<Record<string, string>>) {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 })
  // Its own session, as under sshd: it ends its whole group.
  return execa('bash', ['-c', script], {
    detached: true,
    env: { PATH: `${folder}:${process.env['PATH']}` },
    stdin: 'pipe',
    reject: false,
  })
}

describe('tcpdump on a node', () => {
  const options = { seconds: 20, form: 'text', wait: false } as const

  test('ends when nobody listens any more, and what it has seen still comes', async () => {
    const child = run(tcpdumpScript(tap, options), {
      ip: 'exit 0',
      tcpdump: 'trap "echo last; exit 0" TERM; echo "$*"; while :; do sleep 0.1; done',
    })
    child.stdout.once('data', () => child.stdin.end())
    const { stdout, exitCode } = await child
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')).toEqual(['-i tapbf2d9965-e6 -n --immediate-mode -l', 'last'])
  })

  test('ends after its time, while somebody listens', async () => {
    const begun = Date.now()
    const script = tcpdumpScript(tap, { ...options, seconds: 1 })
    const { exitCode } = await run(script, { ip: 'exit 0', tcpdump: 'exec sleep 100' })
    expect(exitCode).toBe(124)
    expect(Date.now() - begun).toBeLessThan(30_000)
  })

  test('is not started where there is no such interface, which is waited for if asked', async () => {
    const missing = { ip: 'echo "Device does not exist." >&2; exit 1', tcpdump: 'echo started' }
    const { exitCode, stdout, stderr } = await run(tcpdumpScript(tap, options), missing)
    expect([exitCode, stdout, stderr]).toEqual([noInterface, '', 'Device does not exist.'])
    const later = { ip: 'n=$0.count; echo >>$n; [ $(wc -l <$n) -gt 3 ]', tcpdump: 'echo started' }
    const waited = await run(tcpdumpScript(tap, { ...options, wait: true }), later)
    expect([waited.exitCode, waited.stdout]).toEqual([0, 'started'])
  })

  test('in a namespace, with the filter as one word', () => {
    const place = { ...tap, namespace: 'qdhcp-1', device: 'ns-1', filter: 'host 1.2.3.4 or (udp)' }
    const script = tcpdumpScript(place, { ...options, form: 'pcap' })
    const call = "ip netns exec qdhcp-1 tcpdump -i ns-1 -n --immediate-mode -U -w - 'host 1.2.3.4 or (udp)'"
    expect(script).toContain(`timeout --foreground -k 5 20 ${call}`)
  })
})

describe('an impairment', () => {
  const all = { rate: 1e6, delayMs: 100, lossPercent: 10 }

  test('is a discipline of the tap: netem first, and the rate behind it', () => {
    expect(disciplines({ rate: 1e6 })).toEqual(['root handle 1: tbf rate 1000000bit burst 5000 latency 400ms'])
    expect(disciplines(all)).toEqual([
      'root handle 1: netem limit 10000 delay 100ms loss 10',
      'parent 1:1 handle 10: tbf rate 1000000bit burst 5000 latency 400ms',
    ])
    expect(nameImpairment(all)).toBe('rate 1000kbit, delay 100ms, loss 10%')
  })

  test('what the kernel lacks is named before anything is touched', async () => {
    const programs = { unshare: '[[ $* != *netem* ]]' }
    expect((await run(probeScript(all), programs)).stdout).toBe('lacks netem')
    expect((await run(probeScript({ rate: 1e6 }), programs)).stdout).toBe('')
  })

  test('is begun, held and undone by one unit; no name of a user is in it', () => {
    const id = '5a4b2f0c-3f5b-4a2e-9a51-000000000001'
    const script = impairScript({ server: { id, name: '$(touch x)' }, place: tap }, all, 60)
    expect(script).not.toContain('touch')
    expect(script).toContain(`systemctl stop duostack-impair-${id}`)
    expect(script).toContain("--property='ExecStopPost=-/sbin/tc qdisc del dev tapbf2d9965-e6 root'")
    expect(script).toMatch(/ \/bin\/sleep 60 \|\|\n/)
  })

  test('is read as it was written', () => {
    const id = '5a4b2f0c-3f5b-4a2e-9a51-000000000001'
    const text = `impair ${id} 42 rate 1000kbit, loss 10%\nimpair not-an-id 1 x\nnode 1 2 3\nimpair ${id} -3 delay 1ms`
    expect(parseImpaired(text)).toEqual([
      { server: id, seconds: 42, how: 'rate 1000kbit, loss 10%' },
      { server: id, seconds: 0, how: 'delay 1ms' },
    ])
  })
})
