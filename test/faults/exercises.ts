/** Every exercise that this lab offers: started, repaired wrongly, solved, stopped; `up` finds nothing to do. */

import { expect, test } from 'vitest'
import type { Networking } from '../../scripts/declaration/lab.ts'
import { exercises } from '../../scripts/exercises/table/index.ts'
import { client, expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, declareNetworking, expectRefused, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { exercise, isOffered, otherRepairTests } from '../harness/other-repairs.ts'
import { noChange } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import { wrongRepairs } from './wrong-repairs.ts'

async function expectOutcome(copy: Copy, action: string, exitCode: number, failedChecks: number): Promise<void> {
  const { exitCode: seen, document } = await exercise(copy, action)
  const shown = JSON.stringify(document.observations)
  expect([seen, document.running?.failedChecks], `${action}: ${shown}`).toEqual([exitCode, failedChecks])
}

async function practise(copy: Copy, name: string): Promise<string> {
  if (!isOffered(name)) {
    expect(await expectRefused(copy, 'exercise', 'start', name)).toContain('this exercise needs container nodes')
    return 'refused: only on containers'
  }
  const took = stopwatch()
  const { make, undo } = wrongRepairs[name]!
  const work = async (scripts: typeof make) => {
    for (const [node, script] of scripts)
      await (node === 'client' ? client(copy, ...script.split(' ')) : onNode(copy, node, script))
  }
  expect((await exercise(copy, 'start', name)).exitCode).toBe(0)
  try {
    await expectOutcome(copy, 'check', 1, 1)
    await work(make)
    await expectOutcome(copy, 'check', 1, 2)
    await work(undo ?? [])
    await expectOutcome(copy, 'solve', 0, 2)
    await expectOutcome(copy, 'check', 0, 2)
  } finally {
    const stopped = await exercise(copy, 'stop')
    expect(stopped.exitCode).toBe(0)
  }
  return `broken, a wrong repair refused, solved, accepted, put back; ${took.shown()}`
}

/** `networking`: the lab is changed to it first. */
export function exerciseFaultTests(copy: () => Copy, networking: Networking): void {
  const part = networking === 'provider' ? 'exercises' : 'exercises-self-service'

  test('the lab offers every exercise', async () => {
    await declareNetworking(copy(), networking)
    await bringUp(copy())
    const { document } = await exercise(copy(), 'list')
    const left = document.exercises?.filter(({ available }) => !available).map(({ name }) => name)
    expect(left).toEqual(Object.keys(exercises).filter((name) => !isOffered(name)))
    expect(document.exercises?.map(({ name }) => name).sort()).toEqual(Object.keys(wrongRepairs).sort())
  })

  test.each(Object.keys(exercises))('%s', (name) => recorded(part, name, () => practise(copy(), name)))

  if (networking === 'provider') otherRepairTests(copy)

  test('afterwards up finds nothing to do, and everything works', async () => {
    expect(await bringUp(copy())).toMatch(noChange)
    await expectVerified(copy())
  })
}
