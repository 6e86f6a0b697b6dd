/** `up --rebuild` on a living lab: nothing of the old one is left, and the new one is whole. */

import { expect, test } from 'vitest'
import { expectVerified } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { expectNoDoubles } from './doubles.ts'
import { bringUp, hypervisor, nodes } from './lab.ts'
import { recorded } from './ledger.ts'
import { readLabId, readRemains } from './remains.ts'

export function rebuildTests(copy: () => Copy): void {
  test('the lab is removed and built anew in one go', () =>
    recorded('rebuild', 'up --rebuild --yes', async () => {
      const old = (await readLabId(copy()))!
      expect((await readRemains(old)).length).toBeGreaterThan(3)
      const start = performance.now()
      await bringUp(copy(), '--rebuild', '--yes', '--hypervisor', hypervisor)
      const seconds = Math.round((performance.now() - start) / 1000)
      expect(await readLabId(copy())).not.toBe(old)
      expect(await readRemains(old)).toEqual([])
      await expectVerified(copy())
      await expectNoDoubles(copy(), nodes)
      return `a new id, nothing with the old one; verified, no doubles; ${seconds} s`
    }))
}
