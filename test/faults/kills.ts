/** Part 1: `up` and `down` are killed at any moment, and finish the next time. */

import { expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import { type Chance, shuffle } from '../harness/chance.ts'
import type { Copy } from '../harness/copy.ts'
import { expectNoDoubles } from '../harness/doubles.ts'
import { runAndKill, signals } from '../harness/kill.ts'
import { judgeEnd, killUpTests } from '../harness/kill-up.ts'
import { bringUp, hypervisor, nodes, takeDown } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { noChange } from '../harness/output.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { stopwatch } from '../harness/timing.ts'

export function killTests(copy: () => Copy, chance: Chance, kills: number): void {
  killUpTests(copy, chance, { kills })
  finishTest(copy)
  killDownTests(copy, chance, 4)
}

function finishTest(copy: () => Copy): void {
  test('the next up finishes the lab; verify passes, nothing exists twice, no lock is held', () =>
    recorded('kill up', 'up after the kills', async () => {
      const took = stopwatch()
      await bringUp(copy(), '--hypervisor', hypervisor)
      const shown = took.shown()
      await expectVerified(copy())
      await expectNoDoubles(copy(), nodes)
      expect(await bringUp(copy())).toMatch(noChange)
      return `${shown}; verified, no duplicates, no lock; one more changes nothing`
    }))
}

/** For about this long a `down` has something to remove, whatever kind the nodes are. */
const downSeconds = 4

function killDownTests(copy: () => Copy, chance: Chance, downs: number): void {
  test(`down killed ${downs} times (seed ${chance.seed}), and nothing is left after the next one`, () =>
    recorded('kill down', 'down after the kills', async () => {
      const id = (await readLabId(copy()))!
      expect((await readRemains(id)).length).toBeGreaterThan(3)
      const order = shuffle(chance, signals)
      let hits = 0
      for (let index = 0; index < downs; index++) {
        const kind = order[index % order.length]!
        // Later each time, because the next one need not remove what the last one removed.
        const latestSeconds = 0.5 + ((index + chance.next()) / downs) * downSeconds
        const ended = await runAndKill(copy(), ['down', '--yes'], { kind, latestSeconds, delaySeconds: 0 })
        const remains = await readRemains(id)
        judgeEnd('kill down', kind, ended, remains.length === 0)
        if (ended.hit) hits += 1
        // While something is left, the next one must still find the lab's id.
        if (remains.length > 0) expect(await readLabId(copy())).toBe(id)
      }
      expect(hits).toBeGreaterThan(0)
      await takeDown(copy())
      expect(await readRemains(id)).toEqual([])
      return `nothing left; ${hits} of ${downs} kills came before it had ended`
    }))
}
