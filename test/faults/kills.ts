/** Part 1: `up` and `down` are killed anywhere, and finish the next time. */

import { expect, test } from 'vitest'
import { expectVerified } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { expectNoDoubles } from './doubles.ts'
import { type Ended, type Kind, kinds, runAndKill } from './kill.ts'
import { hypervisor, stackTrace, tail } from './lab.ts'
import { record } from './ledger.ts'
import { readLabId, readRemains } from './remains.ts'
import type { Chance } from './seed.ts'

const nodes = ['controller', 'compute1']

/** Where in the life of an `up` a kill may fall: after this was printed. In their order. */
const phases: readonly (readonly [name: string, marker: RegExp])[] = [
  ['prepare', /✓ look at this machine/],
  ['namespace and libvirtd', /✓ .*libvirtd/],
  ['synthesis', /✓ synthesize/],
  ['networks', /✓ nodes: libvirt_network/],
  ['nodes', /✓ nodes: (controller|compute1)/],
  ['base', /✓ services: base/],
  ['mariadb', /✓ services: mariadb/],
  ['rabbitmq', /✓ services: rabbitmq/],
  ['keystone', /✓ services: keystone/],
  ['glance', /✓ services: glance/],
  ['placement', /✓ services: placement/],
  ['nova', /✓ services: nova/],
  ['neutron', /✓ services: neutron/],
  ['cinder', /✓ services: cinder/],
  ['cloud', /✓ cloud: /],
  ['instance', /✓ cloud: .*(port|instance|server)/],
]

const firstOnNode = phases.findIndex(([name]) => name === 'base')

/** Emulated nodes take twelve times as long for the same. */
const slowness = hypervisor === 'qemu' ? 12 : 1

export interface Batch {
  kills: number
  /** The phase before which all of them fall; absent: anywhere. */
  before?: string
}

/**
 * Kills `up` again and again while it builds a lab from nothing, in the order of the phases, so that each run gets further
 * than the last. `copy` has no lab yet.
 */
export function killUpTests(copy: () => Copy, chance: Chance, batch: Batch): void {
  for (const [index, [phase, marker, kind]] of drawBlows(chance, batch).entries()) {
    test(`kill ${index + 1}: ${kind} after "${phase}" (seed ${chance.seed})`, async () => {
      const latestSeconds = (45 + chance.next() * 30) * slowness
      const blow = { kind, marker, latestSeconds, delaySeconds: chance.next() * 4 }
      judgeEnd('kill up', kind, await runAndKill(copy(), ['up', '--hypervisor', hypervisor], blow))
    })
  }
}

export function finishTest(copy: () => Copy): void {
  test('the next up finishes the lab; verify holds, nothing is there twice, no lock is held', async () => {
    const start = performance.now()
    const up = await copy().run('./lab', 'up', '--hypervisor', hypervisor)
    expect(up.exitCode, tail(up.all)).toBe(0)
    await expectVerified(copy())
    await expectNoDoubles(copy(), nodes)
    const seconds = Math.round((performance.now() - start) / 1000)
    const outcome = `verified, no doubles, no lock; ${seconds} s`
    record({ part: 'kill up', what: 'up after the kills', outcome, ok: true })
  })
}

function drawBlows(chance: Chance, { kills, before }: Batch): [phase: string, marker: RegExp, kind: Kind][] {
  const end = before ? phases.findIndex(([name]) => name === before) : phases.length
  // Every kind is met before one comes again.
  const order = [...kinds].sort(() => chance.next() - 0.5)
  return Array.from({ length: kills }, (_, index) => ({
    at: Math.min(end - 1, Math.floor(((index + chance.next()) * end) / kills)),
    kind: order[index % order.length]!,
  })).map(({ at, kind }): [string, RegExp, Kind] => {
    // Before its own service files there is no node whose power or disk could fail.
    const needsNode = kind === 'power cut' || kind === 'disk full'
    const first = needsNode ? Math.max(at, firstOnNode) : at
    // A phase that an earlier run came through has no line any more: then it is the next one.
    const marker = new RegExp(
      phases
        .slice(first)
        .map(([, one]) => one.source)
        .join('|'),
    )
    return [phases[first]![0], marker, kind]
  })
}

/** It ended, said no nonsense, and not that all is well. */
function judgeEnd(part: string, kind: Kind, { exitCode, output, at, hit, seconds }: Ended): void {
  const outcome = hit ? `ended with ${exitCode ?? 'the signal'}` : `it was done already (exit code ${exitCode})`
  const ok = hit ? !stackTrace.test(output) : exitCode === 0
  record({ part, what: kind, outcome, ok })
  console.error(`faults: ${kind} at "${at}", after ${seconds} s`)
  if (hit && kind !== 'power cut' && kind !== 'disk full') expect(exitCode).not.toBe(0)
  expect(output).not.toMatch(stackTrace)
}

export function killDownTests(copy: () => Copy, chance: Chance, downs: number): void {
  test(`down killed ${downs} times (seed ${chance.seed}), and nothing is left after the next one`, async () => {
    const id = (await readLabId(copy()))!
    expect((await readRemains(id)).length).toBeGreaterThan(3)
    for (let index = 0; index < downs; index++) {
      const kind = (['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)[index % 4]!
      const blow = { kind, latestSeconds: chance.next() * 4, delaySeconds: 0 }
      judgeEnd('kill down', kind, await runAndKill(copy(), ['down', '--yes'], blow))
    }
    const down = await copy().run('./lab', 'down', '--yes')
    expect(down.exitCode, tail(down.all)).toBe(0)
    expect(await readRemains(id)).toEqual([])
    record({ part: 'kill down', what: 'down after the kills', outcome: 'nothing left', ok: true })
  })
}
