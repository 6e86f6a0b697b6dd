/** A class of twenty on self-service networks: made, an instance each at the same moment, set apart, removed. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askDoctor, client, expectVerified } from '../harness/answers.ts'
import { type Class, expectIsolated } from '../harness/class.ts'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { bringUp, declareNetworking, expectRefused, expectRun, nodes, onNode, runInside } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations, readRestarted } from '../harness/nodes.ts'
import { stopwatch } from '../harness/timing.ts'
import type { Launched } from './class-burst.ts'
import { openLiveView } from './class-live.ts'
import { readGrowth } from './growth.ts'
import { withCompute2 } from './second-compute.ts'

const part = 'class'
const count = 20
const flavor = 'm1.class'
/** Of the second compute node: with less, the kernel ends instances there. */
const computeMiB = 4608
const all = [...nodes, 'compute2']

const create = (copy: Copy) => readDocument<Class>(copy, 'class', 'create', '--students', String(count))

/** MiB in use, by node. */
async function readMemory(copy: Copy): Promise<Record<string, number>> {
  type Status = { nodes: { name: string; usedMiB: number }[] }
  const { document } = await readDocument<Status>(copy, 'status')
  return Object.fromEntries(document.nodes.map(({ name, usedMiB }) => [name, usedMiB]))
}

/** Answers that services waited for in vain, in the logs since then. */
async function countTimeouts(copy: Copy, seconds: number): Promise<number> {
  const since = `${Math.ceil(seconds / 60)}m`
  const { stdout } = await copy.run('./lab', 'logs', 'nova', 'neutron', '--since', since, '--level', 'WARNING')
  return String(stdout).match(/MessagingTimeout|MessageUndeliverable/g)?.length ?? 0
}

/** `12 to 48 s` */
function range(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b)
  return `${Math.round(sorted[0]!)} to ${Math.round(sorted.at(-1)!)} s, half of them within ${Math.round(sorted[Math.floor(sorted.length / 2)]!)} s`
}

/** All at the same moment, while the live page is looked at. */
async function launchAll(copy: Copy, students: readonly string[]): Promise<Launched[]> {
  const live = await openLiveView(copy)
  try {
    const burst = runInside(copy, 'node', 'scripts/run.mjs', 'test/faults/class-burst.ts', ...students)
    await Promise.all([burst, live.seeLaunches(students.length)])
    await live.seeInstances(students.length)
    return JSON.parse(await burst) as Launched[]
  } finally {
    await live.close()
  }
}

export function classFaultTests(copy: () => Copy): void {
  let before = ''

  test('a lab that is too small for twenty says for how many it has room, and makes nothing', () =>
    recorded(part, '20 students on the default lab', async () => {
      const said = await expectRefused(copy(), 'class', 'create', '--students', String(count))
      expect(said).toMatch(/20 students, but Nova and Neutron have .* left: \d+ instances of m1\.nano/)
      expect(await client(copy(), 'project', 'list', '-f', 'value', '-c', 'Name')).not.toMatch(/^s\d\d$/m)
      return `refused: ${/have (.* left: \d+ instances of m1\.nano)/.exec(said)?.[1]}`
    }))

  test('20 students are made, and made again without a change', () =>
    recorded(part, '20 students', async () => {
      await declareNetworking(copy(), 'self-service')
      await withCompute2(copy(), computeMiB)
      await bringUp(copy())
      await client(copy(), 'flavor', 'create', '--ram', '128', '--disk', '1', '--vcpus', '1', flavor)
      before = await readGrowth(copy())
      const [memory, took] = [await readMemory(copy()), stopwatch()]
      const made = await create(copy())
      const seconds = took.shown()
      expect(made.exitCode).toBe(0)
      expect(made.document.students.map(({ complete }) => complete)).toEqual(Array(count).fill(true))
      const again = stopwatch()
      expect((await create(copy())).document).toEqual(made.document)
      const more = (await readMemory(copy()))['controller']! - memory['controller']!
      return `in ${seconds}, again in ${again.shown()}; the controller's memory: ${more} MiB more`
    }))

  test('an instance each at the same moment: all are built and answer, nothing is restarted, the lab is healthy', () =>
    recorded(part, '20 instances at once', async () => {
      const { document } = await readDocument<Class>(copy(), 'class', 'list')
      const students = document.students.map(({ student }) => student)
      const [invocations, memory] = [await readInvocations(copy(), all), await readMemory(copy())]
      const took = stopwatch()
      const launched = await launchAll(copy(), students)
      const timeouts = await countTimeouts(copy(), took.seconds())
      console.error(JSON.stringify(launched))
      expect(launched.filter(({ answersSeconds }) => answersSeconds === undefined)).toEqual([])
      const after = await readMemory(copy())
      const grown = all.map((node) => `${node} ${memory[node]} to ${after[node]} MiB`).join(', ')
      expect(await readRestarted(copy(), all, invocations)).toEqual([])
      expect(existsSync(join(copy().root, 'pwned'))).toBe(false)
      await expectVerified(copy())
      expect(await askDoctor(copy())).toMatchObject({ problems: [], unread: [] })
      const [active, answers] = (['activeSeconds', 'answersSeconds'] as const).map((key) =>
        range(launched.map((one) => one[key]!)),
      )
      return `ACTIVE after ${active}; answering after ${answers}; ${timeouts} RPC timeouts; ${grown}`
    }))

  test('every student has one instance and its quota holds; s01 neither sees nor changes what is of s02', () =>
    recorded(part, 's01 against s02', async () => {
      const { document } = await readDocument<Class>(copy(), 'class', 'list')
      expect(document.students.map(({ use }) => use.instances.used)).toEqual(Array(count).fill(1))
      for (const student of ['s01', 's02']) await expectRun(copy(), 'class', 'reset', student, '--yes')
      const { refused, exhausted } = await expectIsolated(copy(), 's01', 's02')
      const others = (await readDocument<Class>(copy(), 'class', 'list')).document.students.slice(2)
      expect(others.map(({ use }) => use.instances.used)).toEqual(Array(count - 2).fill(1))
      return `${Object.keys(refused).length} kinds of request refused, ${Object.keys(exhausted).length} quotas used up to their ends; the other 18 unchanged`
    }))

  test('all are removed with what they own, and nothing is left in databases or on the nodes', () =>
    recorded(part, '20 students removed', async () => {
      const took = stopwatch()
      await expectRun(copy(), 'class', 'remove', '--yes')
      const seconds = took.shown()
      await client(copy(), 'flavor', 'delete', flavor)
      await expect.poll(() => readGrowth(copy()), { timeout: 120_000, interval: 5000 }).toBe(before)
      const namespaces = await onNode(copy(), 'controller', 'ip netns | grep -c -E "qdhcp|qrouter"')
      await expectVerified(copy())
      expect(await askDoctor(copy())).toMatchObject({ problems: [], unread: [] })
      return `in ${seconds}; ${namespaces} namespaces left, the lab's own`
    }))
}
