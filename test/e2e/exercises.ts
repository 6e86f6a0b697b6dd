/** Exercises on a real lab: nothing gives a hidden one away, another repair than ours counts, and everything is put back. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { expectRefused, expectRun } from '../harness/lab.ts'
import { exercise, otherRepairTests } from '../harness/other-repairs.ts'

/**
 * `copyOf` returns the copy whose lab is running. The next `up` must find nothing to do. All exercises with their own
 * solutions: `./lab test faults exercises exercises-self-service`.
 */
export function exerciseTests(copyOf: () => Copy): void {
  describe('exercises', () => {
    test('while a hidden one runs, nothing tells which, and what would repair it refuses', async () => {
      const { document } = await exercise(copyOf(), 'start', '--hidden')
      expect(document.running?.name).toBeNull()
      expect(await expectRun(copyOf(), 'exercise', 'list')).not.toMatch(/^ ! /m)
      for (const command of [['up'], ['doctor', '--fix'], ['secrets', 'rotate', 'nova_password']]) {
        expect(await expectRefused(copyOf(), ...command)).toContain('an exercise is running')
      }
      expect(await expectRefused(copyOf(), 'exercise', 'start', 'no-address')).toContain('an exercise is running')
      expect(await expectRun(copyOf(), 'exercise', 'stop')).toMatch(/Everything is back\. not solved after/)
      expect(existsSync(join(copyOf().root, '.lab/exercise.json'))).toBe(false)
    })

    otherRepairTests(copyOf, ['no-images-2', 'silent-server'])
  })
}
