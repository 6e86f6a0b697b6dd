/** Part 1, the states: what Terraform lost or half wrote. `up` and `down` find their way by lab id, or say what to do. */

import { readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectVerified } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { expectNoDoubles } from './doubles.ts'
import { bringUp, expectRefused, onNode } from './lab.ts'
import { recorded } from './ledger.ts'

const part = 'states'
const stacks = ['nodes', 'services', 'cloud'] as const

const stateOf = (copy: Copy, stack: string) => join(copy.root, '.lab/terraform', `${stack}.tfstate`)

async function expectWhole(copy: Copy): Promise<void> {
  await expectVerified(copy)
  await expectNoDoubles(copy, ['controller', 'compute1'])
  expect(await onNode(copy, 'controller', 'cat /root/kept-over-states')).toBe('kept')
}

export function stateTests(copy: () => Copy): void {
  test.each(stacks)('the state of %s is lost', (stack) =>
    recorded(part, `state of ${stack} lost`, async () => {
      await onNode(copy(), 'controller', 'echo kept >/root/kept-over-states; sync')
      await rm(stateOf(copy(), stack))
      await bringUp(copy())
      await expectWhole(copy())
      return 'up found everything again; verified, no doubles, files kept'
    }),
  )

  test.each(stacks)('the state of %s is cut off in the middle', (stack) =>
    recorded(part, `state of ${stack} truncated`, async () => {
      const file = stateOf(copy(), stack)
      await truncate(file, Math.floor((await stat(file)).size / 2))
      expect(await bringUp(copy())).toContain(`${stack}.tfstate.torn`)
      await expectWhole(copy())
      return 'set aside, said so; verified, no doubles, files kept'
    }),
  )

  test('the identity is torn, then lost: up and down refuse and name the way', () =>
    recorded(part, '.lab/lab.json torn, then lost', async () => {
      const file = join(copy().root, '.lab/lab.json')
      const whole = await readFile(file, 'utf8')
      const { id } = JSON.parse(whole) as { id: string }
      try {
        await writeFile(file, whole.slice(0, whole.length / 2))
        for (const verb of ['up', 'down']) {
          expect(await expectRefused(copy(), verb, ...(verb === 'down' ? ['--yes'] : []))).toContain(
            `./lab down --id ${id}`,
          )
        }
        await rename(file, `${file}.away`)
        for (const verb of ['up', 'down']) {
          expect(await expectRefused(copy(), verb, ...(verb === 'down' ? ['--yes'] : []))).toContain(
            `./lab down --id ${id}`,
          )
        }
      } finally {
        await rm(`${file}.away`, { force: true })
        await writeFile(file, whole, { mode: 0o600 })
      }
      await bringUp(copy())
      await expectWhole(copy())
      return 'refused with ./lab down --id; with the file back all is as it was'
    }))
}
