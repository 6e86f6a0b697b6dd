/** Part 1, the states: what Terraform lost or half wrote. `up` and `down` find their way by lab id, or say what to do. */

import { readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectVerified, openstack } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { expectNoDoubles } from './doubles.ts'
import { bringUp, expectRefused, onNode } from './lab.ts'
import { recorded } from './ledger.ts'

const part = 'states'
const stacks = ['nodes', 'services', 'cloud'] as const

const stateOf = (copy: Copy, stack: string) => join(copy.root, '.lab/terraform', `${stack}.tfstate`)

/** What a node and the cloud hold of a user's: a file, and a network of his own. Gives the network's id. */
async function keepSomething(copy: Copy): Promise<string> {
  await onNode(copy, 'controller', 'echo kept >/root/kept-over-states; sync')
  return (await openstack<{ id: string }>(copy, 'network', 'create', 'kept-over-states')).id
}

async function expectWhole(copy: Copy, kept: string): Promise<void> {
  await expectVerified(copy)
  await expectNoDoubles(copy, ['controller', 'compute1'])
  expect(await onNode(copy, 'controller', 'cat /root/kept-over-states')).toBe('kept')
  expect((await openstack<{ id: string }>(copy, 'network', 'show', 'kept-over-states')).id).toBe(kept)
}

async function expectWayNamed(copy: Copy, id: string): Promise<void> {
  expect(await expectRefused(copy, 'up')).toContain(`./lab down --id ${id}`)
  expect(await expectRefused(copy, 'down', '--yes')).toContain(`./lab down --id ${id}`)
}

export function stateTests(copy: () => Copy): void {
  let kept: string
  beforeAll(async () => {
    kept = await keepSomething(copy())
  })
  afterAll(async () => {
    await copy().run('./lab', 'openstack', 'network', 'delete', kept)
    await copy().run('./lab', 'ssh', 'controller', 'rm -f /root/kept-over-states')
  })

  test.each(stacks)('the state of %s is lost', (stack) =>
    recorded(part, `state of ${stack} lost`, async () => {
      await rm(stateOf(copy(), stack))
      await bringUp(copy())
      await expectWhole(copy(), kept)
      return "up found everything again; verified, no doubles, files and user's network kept"
    }),
  )

  test.each(stacks)('the state of %s is cut off in the middle', (stack) =>
    recorded(part, `state of ${stack} truncated`, async () => {
      const file = stateOf(copy(), stack)
      await truncate(file, Math.floor((await stat(file)).size / 2))
      expect(await bringUp(copy())).toContain(`${stack}.tfstate.torn`)
      await expectWhole(copy(), kept)
      return "set aside, said so; verified, no doubles, files and user's network kept"
    }),
  )

  test('the identity is torn, then lost: up and down refuse and name the way', () =>
    recorded(part, '.lab/lab.json torn, then lost', async () => {
      const file = join(copy().root, '.lab/lab.json')
      const whole = await readFile(file, 'utf8')
      const { id } = JSON.parse(whole) as { id: string }
      try {
        await writeFile(file, whole.slice(0, whole.length / 2))
        await expectWayNamed(copy(), id)
        await rename(file, `${file}.away`)
        await expectWayNamed(copy(), id)
      } finally {
        await rm(`${file}.away`, { force: true })
        await writeFile(file, whole, { mode: 0o600 })
      }
      await bringUp(copy())
      await expectWhole(copy(), kept)
      return 'refused with ./lab down --id; with the file back all is as it was'
    }))
}
