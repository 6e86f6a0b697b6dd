/** Kills `up` again and again while it builds a lab from nothing. */

import { expect, test } from 'vitest'
import { type Chance, shuffle } from './chance.ts'
import type { Copy } from './copy.ts'
import { type Ended, type Kind, kinds, runAndKill } from './kill.ts'
import { hypervisor, slowness } from './lab.ts'
import { record } from './ledger.ts'
import { stackTrace, tail } from './output.ts'

/** What `up` says when a node answers: a container, or a machine. */
export const nodeMade = /✓ nodes: (libvirt_domain\.)?(controller|compute1) /

/** Where in the life of an `up` a kill may fall: after this was printed. In their order. */
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

function drawBlows(chance: Chance, { kills, before }: Batch): [phase: string, marker: RegExp, kind: Kind][] {
  const end = before ? phases.findIndex(([name]) => name === before) : phases.length
  // Every kind is met before one comes again.
  const order = shuffle(chance, kinds)
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

/**
 * It ended, said no nonsense, and not that all is well; where the moment came too late it had ended well. `isDone`: what
 * it was to do was seen to be done; a signal that came while the last of it was going on may have stopped nothing.
 */
export function judgeEnd(part: string, kind: Kind, { exitCode, output, at, hit, took }: Ended, isDone = false): void {
  // Nodes that fail are no signal: what is asked of them may be done already, or not have come yet.
  const mayEndWell = !hit || isDone || kind === 'power cut' || kind === 'disk full'
  const ok = !stackTrace.test(output) && (mayEndWell || exitCode !== 0) && (hit || exitCode === 0)
  const outcome = hit ? `at "${at}" (${took})` : 'it was done already'
  record({ part, what: kind, outcome: `${outcome}: ${exitCode ?? 'ended by the signal'}`, ok })
  expect(ok, tail(output)).toBe(true)
}
