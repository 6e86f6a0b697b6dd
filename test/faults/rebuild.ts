/** `up --rebuild` on a running lab: nothing of the old one is left, and the new one is complete. */

import { expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { expectNoDoubles } from '../harness/doubles.ts'
import { bringUp, hypervisor, nodes } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { stopwatch } from '../harness/timing.ts'

export function rebuildTests(copy: () => Copy): void {
  test('the lab is removed and rebuilt in one run', () =>
    recorded('rebuild', 'up --rebuild --yes', async () => {
      const old = (await readLabId(copy()))!
      expect((await readRemains(old)).length).toBeGreaterThan(3)
      const took = stopwatch()
      await bringUp(copy(), '--rebuild', '--yes', '--hypervisor', hypervisor)
      const shown = took.shown()
      expect(await readLabId(copy())).not.toBe(old)
      expect(await readRemains(old)).toEqual([])
      await expectVerified(copy())
      await expectNoDoubles(copy(), nodes)
      return `a new id, nothing with the old one; verified, no duplicates; ${shown}`
    }))
}
