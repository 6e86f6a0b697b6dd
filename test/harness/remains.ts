/** What is left of one lab on this machine, found with plain commands; other labs may come and go meanwhile. */

import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Copy } from './copy.ts'
import { takeDown } from './lab.ts'
import { readMachine, readPids } from './machine.ts'

/** The id of the lab's objects; absent if there is no lab. */
export async function readLabId(copy: Copy): Promise<string | undefined> {
  const text = await readFile(join(copy.root, '.lab/lab.json'), 'utf8').catch(() => undefined)
  return text && (JSON.parse(text) as { id: string }).id
}

/** Namespaces, mounts, links, cgroups, folders with the id in their name, and processes that were given it. */
export async function readRemains(id: string): Promise<string[]> {
  const objects = (await readMachine()).filter((line) => line.includes(id))
  const processes: string[] = []
  for (const pid of await readPids()) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
    if (argv.includes(id) && Number(pid) !== process.pid) processes.push(`process ${pid}: ${argv.slice(0, 120)}`)
  }
  return [...objects, ...processes]
}

/** Runs down, which must exit with 0 and leave nothing with the id, except what is `spared`. */
export async function expectGone(copy: Copy, spared?: RegExp): Promise<void> {
  const id = (await readLabId(copy))!
  await takeDown(copy)
  expect((await readRemains(id)).filter((line) => !spared?.test(line))).toEqual([])
  await expect(access(join(copy.root, '.lab'))).rejects.toThrow()
}
