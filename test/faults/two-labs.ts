/** Part 5: two labs with different names on one machine do not affect each other. */

import { expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import { type Copy, copyInstalled } from '../harness/copy.ts'
import { bringUp, editDeclaration, hypervisor, nodes, takeDown } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations } from '../harness/nodes.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { makeSmall } from './half-built.ts'

export function twoLabTests(copy: () => Copy): void {
  test('a second lab is built, verified and removed beside the first, which is not affected', () =>
    recorded('two labs', 'a second one beside the first', async () => {
      const first = copy()
      const before = await readInvocations(first, nodes)
      const second = await copyInstalled()
      try {
        await makeSmall(second)
        await editDeclaration(second, 'group_vars/all.yml', 'lab_name: duostack', 'lab_name: second')
        await bringUp(second, '--hypervisor', hypervisor)
        await Promise.all([expectVerified(first), expectVerified(second)])
        const id = (await readLabId(second))!
        await takeDown(second)
        expect(await readRemains(id)).toEqual([])
        expect(await readInvocations(first, nodes)).toEqual(before)
        await expectVerified(first)
        return 'both verified at the same time; one removed, no unit restarted in the other'
      } finally {
        await second.run('./lab', 'down', '--yes')
        await second.remove()
      }
    }))
}
