/** Part 1: `up` and `down` are killed anywhere, and finish the next time. */

import { expect, test } from 'vitest'
import { expectVerified } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { expectNoDoubles } from './doubles.ts'
import { nodeMade } from './half-built.ts'
import { type Ended, type Kind, kinds, runAndKill, signals } from './kill.ts'
import { bringUp, hypervisor, nodes, stackTrace, tail } from './lab.ts'
import { record, recorded } from './ledger.ts'
import { readLabId, readRemains } from './remains.ts'
import { type Chance, shuffle } from './seed.ts'

/** Where in the life of an `up` a kill may fall: after this was printed. In their order. */
const phases: readonly (readonly [name: string, marker: RegExp])[] = [
  ['prepare', /✓ look at this machine/],
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
  test('the next up finishes the lab; verify holds, nothing is there twice, no lock is held', () =>
    recorded('kill up', 'up after the kills', async () => {
      const start = performance.now()
      await bringUp(copy(), '--hypervisor', hypervisor)
      const seconds = Math.round((performance.now() - start) / 1000)
      await expectVerified(copy())
      await expectNoDoubles(copy(), nodes)
      expect(await bringUp(copy())).toContain('Terraform: 0 added, 0 changed, 0 destroyed')
      return `${seconds} s; verified, no doubles, no lock; one more changes nothing`
    }))
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
function judgeEnd(part: string, kind: Kind, { exitCode, output, at, hit, seconds }: Ended, isDone = false): void {
  // Nodes that fail are no signal: what is asked of them may be done already, or not have come yet.
  const mayEndWell = !hit || isDone || kind === 'power cut' || kind === 'disk full'
  const ok = !stackTrace.test(output) && (mayEndWell || exitCode !== 0) && (hit || exitCode === 0)
  const outcome = hit ? `at "${at}" (${seconds} s)` : 'it was done already'
  record({ part, what: kind, outcome: `${outcome}: ${exitCode ?? 'ended by the signal'}`, ok })
  expect(ok, tail(output)).toBe(true)
}

/** For about so long a `down` has something to remove, whatever the nodes are. */
const downSeconds = 4

export function killDownTests(copy: () => Copy, chance: Chance, downs: number): void {
  test(`down killed ${downs} times (seed ${chance.seed}), and nothing is left after the next one`, () =>
    recorded('kill down', 'down after the kills', async () => {
      const id = (await readLabId(copy()))!
      expect((await readRemains(id)).length).toBeGreaterThan(3)
      const order = shuffle(chance, signals)
      let hits = 0
      for (let index = 0; index < downs; index++) {
        const kind = order[index % order.length]!
        // Later each time: what one removed the next one need not.
        const latestSeconds = 0.5 + ((index + chance.next()) / downs) * downSeconds
        const ended = await runAndKill(copy(), ['down', '--yes'], { kind, latestSeconds, delaySeconds: 0 })
        const remains = await readRemains(id)
        judgeEnd('kill down', kind, ended, remains.length === 0)
        if (ended.hit) hits += 1
        // Whatever is left can be named by the next one.
        if (remains.length > 0) expect(await readLabId(copy())).toBe(id)
      }
      expect(hits).toBeGreaterThan(0)
      const down = await copy().run('./lab', 'down', '--yes')
      expect(down.exitCode, tail(down.all)).toBe(0)
      expect(await readRemains(id)).toEqual([])
      return `nothing left; ${hits} of ${downs} kills came before it was done`
    }))
}
