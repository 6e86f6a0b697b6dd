/**
 * Part 10: eight clients without a pause for a minute, and twenty instances in a row; nothing leaks, nothing restarts.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { client, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { nodes, runInside, smallServer } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations, readRestarted } from '../harness/nodes.ts'
import { stopwatch } from '../harness/timing.ts'
import type { Load } from './clients.ts'
import { readGrowth } from './growth.ts'

const part = 'load'
const seconds = 60

/** Of numbers in ascending order. */
const percentile = (all: readonly number[], percent: number) => all[Math.ceil((all.length * percent) / 100) - 1]!

export function loadTests(copy: () => Copy): void {
  test('8 closed-loop clients for 60 s: tokens, their validation, server lists, port lists', () =>
    recorded(part, `8 clients, ${seconds} s`, async () => {
      const before = await readInvocations(copy(), nodes)
      expect(before.size).toBeGreaterThan(10)
      const clients = ['node', 'scripts/run.mjs', 'test/faults/clients.ts', String(seconds)]
      const { times, errors } = JSON.parse(await runInside(copy(), ...clients)) as Load
      expect(errors).toEqual([])
      expect(await readRestarted(copy(), nodes, before)).toEqual([])
      expect(Object.keys(times)).toHaveLength(4)
      // Each client has sent each request more than twice.
      for (const [question, all] of Object.entries(times)) expect(all.length, question).toBeGreaterThan(16)
      return Object.entries(times)
        .map(
          ([name, all]) => `${name} ${(all.length / seconds).toFixed(1)}/s, p95 ${percentile(all, 95).toFixed(0)} ms`,
        )
        .join('; ')
    }))

  test('20 instances created and deleted in a row', () =>
    recorded(part, '20 instances in a row', async () => {
      const [before, invocations] = [await readGrowth(copy()), await readInvocations(copy(), nodes)]
      const times: number[] = []
      for (let index = 0; index < 20; index++) {
        const took = stopwatch()
        const server = await openstack<{ status: string }>(
          copy(),
          'server',
          'create',
          ...smallServer,
          '--wait',
          `row${index}`,
        )
        expect(server.status).toBe('ACTIVE')
        await client(copy(), 'server', 'delete', '--wait', `row${index}`)
        times.push(took.seconds())
      }
      await expect.poll(() => readGrowth(copy()), { timeout: 60_000, interval: 3000 }).toBe(before)
      await sleep(1000)
      expect(await readRestarted(copy(), nodes, invocations)).toEqual([])
      times.sort((a, b) => a - b)
      return `no error, nothing left, nothing restarted; created and deleted in ${percentile(times, 50).toFixed(1)} s (median), ${percentile(times, 95).toFixed(1)} s (p95)`
    }))
}
