/** Part 10: eight clients that never rest for a minute, and twenty instances in a row; nothing leaks, nothing restarts. */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openstack } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { readInvocations, readRestarted } from '../e2e/nodes.ts'
import { onNode, smallServer, sql, tail } from './lab.ts'
import { recorded } from './ledger.ts'

const part = 'load'
const nodes = ['controller', 'compute1']

/** Run by node inside the lab: each client asks the next question when the last one is answered. Prints JSON. */
const clients = `
import { loadLab } from './scripts/declaration/load.ts'
import { loadSecrets } from './scripts/declaration/secrets.ts'
import { openCloud } from './scripts/cloud/client.ts'
const lab = loadLab(), secrets = loadSecrets(lab.root)
const end = performance.now() + Number(process.argv[2]) * 1000
const times = {}, errors = []
async function client() {
  let cloud = await openCloud(lab, secrets)
  const questions = {
    token: async () => { cloud = await openCloud(lab, secrets) },
    servers: () => cloud.get('compute', '/servers/detail'),
    ports: () => cloud.get('network', '/v2.0/ports'),
  }
  while (performance.now() < end) {
    for (const [name, ask] of Object.entries(questions)) {
      const start = performance.now()
      try { await ask() } catch (error) { errors.push(name + ': ' + error.message.split('\\n')[0]) }
      ;(times[name] ??= []).push(performance.now() - start)
    }
  }
}
await Promise.all(Array.from({ length: 8 }, client))
const result = Object.fromEntries(Object.entries(times).map(([name, all]) => {
  all.sort((a, b) => a - b)
  return [name, { count: all.length, p50: Math.round(all[Math.floor(all.length * 0.5)]), p95: Math.round(all[Math.floor(all.length * 0.95)]) }]
}))
console.log(JSON.stringify({ result, errors }))
`

/** What would grow if something leaked. */
async function readGrowth(copy: Copy): Promise<string> {
  return onNode(
    copy,
    'controller',
    [
      `echo ports $(${sql('neutron', 'SELECT COUNT(*) FROM ports')})`,
      `echo allocations $(${sql('placement', 'SELECT COUNT(*) FROM allocations')})`,
      `echo consumers $(${sql('placement', 'SELECT COUNT(*) FROM consumers')})`,
      `echo instances $(${sql('nova', 'SELECT COUNT(*) FROM instances WHERE deleted = 0')})`,
      `echo mappings $(${sql('nova_api', 'SELECT COUNT(*) FROM instance_mappings WHERE queued_for_delete = 0')})`,
    ].join('\n'),
  )
}

export function loadTests(copy: () => Copy): void {
  test('8 closed-loop clients for 60 s: tokens, server lists, port lists', () =>
    recorded(part, '8 clients, 60 s', async () => {
      const before = await readInvocations(copy(), nodes)
      const run = await copy().run(
        './lab',
        'exec',
        '--',
        'node',
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        clients,
        '60',
      )
      expect(run.exitCode, tail(run.all)).toBe(0)
      const { result, errors } = JSON.parse(String(run.stdout)) as {
        result: Record<string, { count: number; p50: number; p95: number }>
        errors: string[]
      }
      expect(errors).toEqual([])
      expect(await readRestarted(copy(), nodes, before)).toEqual([])
      return Object.entries(result)
        .map(([name, { count, p95 }]) => `${name} ${(count / 60).toFixed(1)}/s, p95 ${p95} ms`)
        .join('; ')
    }))

  test('20 instances created and deleted in a row', () =>
    recorded(part, '20 instances in a row', async () => {
      const [before, invocations] = [await readGrowth(copy()), await readInvocations(copy(), nodes)]
      const times: number[] = []
      for (let index = 0; index < 20; index++) {
        const start = performance.now()
        const server = await openstack<{ status: string }>(
          copy(),
          'server',
          'create',
          ...smallServer,
          '--wait',
          `row${index}`,
        )
        expect(server.status).toBe('ACTIVE')
        expect((await copy().run('./lab', 'openstack', 'server', 'delete', '--wait', `row${index}`)).exitCode).toBe(0)
        times.push((performance.now() - start) / 1000)
      }
      await expect.poll(() => readGrowth(copy()), { timeout: 60_000, interval: 3000 }).toBe(before)
      await sleep(1000)
      expect(await readRestarted(copy(), nodes, invocations)).toEqual([])
      times.sort((a, b) => a - b)
      return `no error, nothing left, nothing restarted; created and deleted in ${times[10]!.toFixed(1)} s (median), ${times[18]!.toFixed(1)} s (p95)`
    }))
}
