/**
 * Part 1, the states: Terraform's states are lost or truncated. `up` and `down` manage by the lab id, or say what to
 * do.
 */

import { readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectVerified, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { expectNoDoubles } from '../harness/doubles.ts'
import { bringUp, expectRefused, nodes, onNode, smallServer } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'

const part = 'states'
const stacks = ['nodes', 'services', 'cloud'] as const

const group = ['security', 'group'] as const

const stateOf = (copy: Copy, stack: string) => join(copy.root, '.lab/terraform', `${stack}.tfstate`)

/** A user's data on a node and in the cloud: a file, and the user's own security group. Returns the group's id. */
async function keepSomething(copy: Copy): Promise<string> {
  await onNode(copy, 'controller', 'echo kept >/root/kept-over-states; sync')
  return (await openstack<{ id: string }>(copy, ...group, 'create', 'kept-over-states')).id
}

async function expectWhole(copy: Copy, kept: string): Promise<void> {
  await expectVerified(copy)
  await expectNoDoubles(copy, nodes)
  expect(await onNode(copy, 'controller', 'cat /root/kept-over-states')).toBe('kept')
  expect((await openstack<{ id: string }>(copy, ...group, 'show', 'kept-over-states')).id).toBe(kept)
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
    await copy().run('./lab', 'openstack', ...group, 'delete', kept)
    await copy().run('./lab', 'ssh', 'controller', 'rm -f /root/kept-over-states')
  })

  test.each(stacks)('the state of %s is lost', (stack) =>
    recorded(part, `state of ${stack} lost`, async () => {
      await rm(stateOf(copy(), stack))
      await bringUp(copy())
      await expectWhole(copy(), kept)
      return "up found everything again; verified, no duplicates, files and user's security group kept"
    }),
  )

  test("the state of cloud is lost while a user's server is on its network: refused, and nothing is removed", () =>
    recorded(part, "state of cloud lost with a user's server", async () => {
      const create = ['server', 'create', ...smallServer, '--wait', 'theirs']
      const { id } = await openstack<{ id: string }>(copy(), ...create)
      const state = stateOf(copy(), 'cloud')
      await rename(state, `${state}.away`)
      try {
        const refused = await expectRefused(copy(), 'up')
        expect(refused).toContain(`does not contain it, and servers use it: ${id}`)
        expect(refused).toContain('restore the file from a backup')
        await rename(`${state}.away`, state)
        await bringUp(copy())
        await expectWhole(copy(), kept)
        expect((await openstack<{ status: string }>(copy(), 'server', 'show', 'theirs')).status).toBe('ACTIVE')
      } finally {
        await rename(`${state}.away`, state).catch(() => {})
        await copy().run('./lab', 'openstack', 'server', 'delete', '--wait', 'theirs')
      }
      return 'refused, naming the server and the way out; with the file restored everything is as before'
    }))

  test.each(stacks)('the state of %s is truncated', (stack) =>
    recorded(part, `state of ${stack} truncated`, async () => {
      const file = stateOf(copy(), stack)
      await truncate(file, Math.floor((await stat(file)).size / 2))
      expect(await bringUp(copy())).toContain(`${stack}.tfstate.torn`)
      await expectWhole(copy(), kept)
      return "moved aside and reported; verified, no duplicates, files and user's security group kept"
    }),
  )

  test('the identity is truncated, then lost: up and down refuse and say what to do', () =>
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
      return 'refused, naming ./lab down --id; with the file restored everything is as before'
    }))
}
