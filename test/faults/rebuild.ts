/** `up --rebuild` on a running lab: nothing of the old one is left, and the new one is complete, with OpenTofu too. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { expectNoDoubles } from '../harness/doubles.ts'
import { bringUp, hypervisor, nodes } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { noChange } from '../harness/output.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { stopwatch } from '../harness/timing.ts'

/** What the lab was built with. */
async function readChoices(copy: Copy): Promise<{ hypervisor: string; terraform: string }> {
  const { hypervisor, terraform } = JSON.parse(await readFile(join(copy.root, '.lab/lab.json'), 'utf8'))
  return { hypervisor, terraform: terraform.name }
}

async function rebuild(copy: Copy, ...options: string[]): Promise<string> {
  const old = (await readLabId(copy))!
  expect((await readRemains(old)).length).toBeGreaterThan(3)
  const took = stopwatch()
  await bringUp(copy, '--rebuild', '--yes', ...options)
  const shown = took.shown()
  expect(await readLabId(copy)).not.toBe(old)
  expect(await readRemains(old)).toEqual([])
  await expectVerified(copy)
  await expectNoDoubles(copy, nodes)
  return `a new id, nothing with the old one; verified, no duplicates; ${shown}`
}

export function rebuildTests(copy: () => Copy): void {
  test('the lab is removed and rebuilt in one run, with OpenTofu', () =>
    recorded('rebuild', 'up --rebuild --yes --terraform tofu', async () => {
      const result = await rebuild(copy(), '--terraform', 'tofu')
      // The kind of node was an option of the first `up`, and need not be given again.
      expect(await readChoices(copy())).toEqual({ hypervisor, terraform: 'tofu' })
      return result
    }))

  test('the next up uses OpenTofu by itself and has nothing to do; Terraform is refused', () =>
    recorded('rebuild', 'up of a lab that OpenTofu built', async () => {
      expect(await bringUp(copy())).toMatch(noChange)
      const other = await copy().run('./lab', 'up', '--terraform', 'terraform')
      expect(other.exitCode).toBe(1)
      expect(other.all).toContain('./lab up --terraform: terraform\n    expected: tofu, as the lab was built')
      expect(await readChoices(copy())).toEqual({ hypervisor, terraform: 'tofu' })
      return 'nothing to do; --terraform terraform refused'
    }))

  test('it is rebuilt with Terraform', () =>
    recorded('rebuild', 'up --rebuild --yes --terraform terraform', async () => {
      const result = await rebuild(copy(), '--terraform', 'terraform')
      expect(await readChoices(copy())).toEqual({ hypervisor, terraform: 'terraform' })
      return result
    }))
}
