/** Kills `up` again and again while it builds a lab from nothing. */

import { expect, test } from 'vitest'
import { type Chance, shuffle } from './chance.ts'
import type { Copy } from './copy.ts'
import { type Ended, type Kind, kinds, runAndKill } from './kill.ts'
import { hypervisor, slowness } from './lab.ts'
import { record } from './ledger.ts'
import { stackTrace, tail } from './output.ts'

/** What `up` prints when a node answers: a container, or a machine. */
export const nodeMade = /✓ nodes: (libvirt_domain\.)?(controller|compute1) /

/** Where in an `up` a kill may happen: after this was printed. In order. */
const phases: readonly (readonly [name: string, marker: RegExp])[] = [
  ['prepare', /✓ check this machine/],
  ['namespace and libvirtd', /✓ .*libvirtd/],
  ['synthesis', /✓ synthesize/],
  ['networks', /✓ nodes: libvirt_network/],
  ['nodes', nodeMade],
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

export interface Batch {
  kills: number
  /** All kills happen before this phase; absent: anywhere. */
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

function drawBlows(chance: Chance, { kills, before }: Batch): [phase: string, marker: RegExp, kind: Kind][] {
  const end = before ? phases.findIndex(([name]) => name === before) : phases.length
  // Every kind is used before one is repeated.
  const order = shuffle(chance, kinds)
  return Array.from({ length: kills }, (_, index) => ({
    at: Math.min(end - 1, Math.floor(((index + chance.next()) * end) / kills)),
    kind: order[index % order.length]!,
  })).map(({ at, kind }): [string, RegExp, Kind] => {
    // Before the first service files there is no node on which power or disk could fail.
    const needsNode = kind === 'power cut' || kind === 'disk full'
    const first = needsNode ? Math.max(at, firstOnNode) : at
    // A phase that an earlier run completed is not printed again: then the next one counts.
    const marker = new RegExp(
      phases
        .slice(first)
        .map(([, one]) => one.source)
        .join('|'),
    )
    return [phases[first]![0], marker, kind]
  })
}

/**
 * It ended without a stack trace and did not report success, unless the kill came too late. `isDone`: its work was seen
 * to be done; a signal that came near the end may have stopped nothing.
 */
export function judgeEnd(part: string, kind: Kind, { exitCode, output, at, hit, took }: Ended, isDone = false): void {
  // Failing nodes are no signal: their work may be done already, or not have begun.
  const mayEndWell = !hit || isDone || kind === 'power cut' || kind === 'disk full'
  const ok = !stackTrace.test(output) && (mayEndWell || exitCode !== 0) && (hit || exitCode === 0)
  const outcome = hit ? `at "${at}" (${took})` : 'it had already ended'
  record({ part, what: kind, outcome: `${outcome}: ${exitCode ?? 'ended by the signal'}`, ok })
  expect(ok, tail(output)).toBe(true)
}
