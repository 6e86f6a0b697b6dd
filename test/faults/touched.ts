/** What a command changes if it touches a lab: units and files of the nodes, files of the lab on this machine. */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { nodes } from '../harness/lab.ts'
import { readFileTimes, readInvocations } from '../harness/nodes.ts'

export async function readTouched(copy: Copy) {
  const lab = join(copy.root, '.lab')
  // Every `up` takes the lock, and records its own steps again.
  const own = ['lock', 'steps.jsonl']
  const names = (await readdir(lab, { recursive: true })).filter((name) => !own.includes(name)).sort()
  const times = await Promise.all(names.map(async (name) => `${name} ${(await stat(join(lab, name))).mtimeMs}`))
  const units = await readInvocations(copy, nodes)
  expect(units.size).toBeGreaterThan(10)
  return { units, files: await readFileTimes(copy, nodes), times }
}
