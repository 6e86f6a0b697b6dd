/**
 * Part 4: removing a lab in any condition leaves nothing, or lists what is left. For things that are not the lab's see
 * look-alikes.ts.
 */

import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { client } from '../harness/answers.ts'
import { type Copy, copyInstalled } from '../harness/copy.ts'
import { bringUp, expectRefused, hypervisor, onNode, runInside, smallServer, takeDown } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readPids } from '../harness/machine.ts'
import { expectGone, readLabId, readRemains } from '../harness/remains.ts'
import { buildHalf, type Half, makeSmall } from './half-built.ts'
import { lookAlikeTests } from './look-alikes.ts'

const part = 'destroy'

/** Like a user who knows the id from elsewhere: the refusal contains it. */
async function expectGoneById(copy: Copy, id: string): Promise<void> {
  expect(await expectRefused(copy, 'down', '--yes')).toContain(`./lab down --id ${id}`)
  await takeDown(copy, '--id', id)
  expect(await readRemains(id)).toEqual([])
}

const cutPower = (copy: Copy, node: string) => runInside(copy, 'virsh', '-q', 'destroy', `duostack-${node}`)
const loseStates = (copy: Copy) => rm(join(copy.root, '.lab/terraform'), { recursive: true })
const socketOf = (id: string) => `/var/lib/duostack/${id}/libvirt/run/libvirt-sock`

/** The lab's own libvirtd, by the pid that it wrote, and no other. */
async function killLibvirtd(id: string): Promise<void> {
  const killed: string[] = []
  for (const pid of await readPids()) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (!/libvirtd$/.test(argv[0] ?? '') || !argv.join(' ').includes(id)) continue
    process.kill(Number(pid), 'SIGKILL')
    killed.push(pid)
  }
  expect(killed).toHaveLength(1)
}

/** In a user's project on the lab's own network: a removal through the APIs cannot get past it. */
async function addUsersObjects(copy: Copy): Promise<void> {
  await client(copy, 'server', 'create', ...smallServer, '--wait', 'mine')
  await client(copy, 'volume', 'create', '--size', '1', 'mine')
}

async function stopKeystone(copy: Copy): Promise<void> {
  await onNode(copy, 'controller', 'systemctl stop keystone')
  expect((await copy.run('./lab', 'openstack', 'token', 'issue')).exitCode).not.toBe(0)
}

type Condition = readonly [name: string, harm: (copy: Copy, id: string) => Promise<unknown>]

const wholeConditions: readonly Condition[] = [
  [
    "whole, Keystone dead, node without power, user's server and volume",
    async (copy) => {
      await addUsersObjects(copy)
      await stopKeystone(copy)
      await cutPower(copy, 'compute1')
      expect(await expectRefused(copy, 'down')).toMatch(/no terminal to ask for confirmation[\s\S]*--yes/)
    },
  ],
  ['whole, libvirtd killed', (_, id) => killLibvirtd(id)],
  ['whole, all states lost', loseStates],
]

const halfConditions: readonly Condition[] = [
  ['half-built', async () => {}],
  ['half-built, a node without power', (copy) => cutPower(copy, 'compute1')],
  ['half-built, libvirtd killed', (_, id) => killLibvirtd(id)],
  [
    'half-built, libvirtd killed and its socket gone',
    async (_, id) => {
      await killLibvirtd(id)
      await rm(socketOf(id))
    },
  ],
  ['half-built, all states lost', loseStates],
  [
    "half-built, the nodes' state cut off",
    async (copy) => truncate(join(copy.root, '.lab/terraform/nodes.tfstate'), 100),
  ],
  ['half-built, the declaration wrong', (copy) => writeFile(join(copy.root, 'ansible-vars/hosts.yml'), 'all: [')],
  ['half-built, the namespace gone', (_, id) => execa('ip', ['netns', 'del', `duostack-${id}`])],
]

/** In one checkout, so that node modules are installed once; what a test leaves there is removed with the test. */
async function withHalf(copy: Copy, work: (half: Half) => Promise<string>): Promise<string> {
  const hosts = join(copy.root, 'ansible-vars/hosts.yml')
  const declared = await readFile(hosts)
  try {
    const half = await buildHalf(copy)
    expect((await readRemains(half.id)).length).toBeGreaterThan(3)
    return await work(half)
  } finally {
    await copy.run('./lab', 'down', '--yes')
    await writeFile(hosts, declared)
    await rm(join(copy.root, '.lab'), { recursive: true, force: true })
  }
}

export function destroyTests(copy: () => Copy): void {
  describe('a whole lab', () => {
    test.each(wholeConditions)('%s', (name, harm) =>
      recorded(part, name, async () => {
        await bringUp(copy(), '--hypervisor', hypervisor)
        await harm(copy(), (await readLabId(copy()))!)
        await expectGone(copy())
        return 'nothing left, exit 0'
      }),
    )

    test("npx cdktf destroy with Keystone dead and a user's server and volume", () =>
      recorded(part, "whole, npx cdktf destroy, Keystone dead, user's server and volume", async () => {
        await bringUp(copy(), '--hypervisor', hypervisor)
        const id = (await readLabId(copy()))!
        await addUsersObjects(copy())
        await stopKeystone(copy())
        return await destroyByCdktf(copy(), id)
      }))
  })

  describe('half-built', () => {
    let other: Copy
    beforeAll(async () => {
      other = await copyInstalled()
      await makeSmall(other)
    })
    afterAll(() => other.remove())
    const half = (name: string, work: (half: Half) => Promise<string>) =>
      recorded(part, name, () => withHalf(other, work))

    test.each(halfConditions)('%s', (name, harm) =>
      half(name, async ({ copy, id }) => {
        await harm(copy, id)
        await expectGone(copy)
        return 'nothing left, exit 0'
      }),
    )

    test('half-built, npx cdktf destroy', () =>
      half('half-built, npx cdktf destroy', ({ copy, id }) => destroyByCdktf(copy, id)))

    test('half-built, its identity lost', () =>
      half('half-built, its identity lost', async ({ copy, id }) => {
        await rm(join(copy.root, '.lab/lab.json'))
        await expectGoneById(copy, id)
        return 'refused with the id; by that id nothing left, exit 0'
      }))

    test('half-built, snapshots of a domain', ({ skip }) => {
      skip(hypervisor === 'lxc', 'containers have no snapshots: needs --hypervisor qemu or kvm')
      return half('half-built, snapshots of a domain', async ({ copy }) => {
        const snapshot = ['snapshot-create-as', 'duostack-controller', '--disk-only', '--atomic']
        for (const name of ['one', 'two']) await runInside(copy, 'virsh', '-q', ...snapshot, name)
        await expectGone(copy)
        return 'two snapshots with disks of their own: nothing left, exit 0'
      })
    })
  })

  lookAlikeTests()
}

/** A removal through the APIs cannot always finish: then it lists what is left, and `./lab down` does the rest. */
async function destroyByCdktf(copy: Copy, id: string): Promise<string> {
  const { exitCode, all } = await copy.run('npx', 'cdktf', 'destroy', '--auto-approve')
  const remains = await readRemains(id)
  if (exitCode === 0) {
    expect(remains).toEqual([])
    return 'nothing left, exit 0'
  }
  expect(exitCode).toBe(1)
  expect(String(all)).toContain(`still on this machine with lab id ${id}:`)
  expect(String(all)).toMatch(/^ {2}domain duostack-controller$/m)
  expect(String(all)).toContain('./lab down')
  await expectGone(copy)
  return 'exit 1 with a list of what is left; ./lab down left nothing'
}
