/** A lab that has only its nodes, with nothing on them: what `down` finds after an early Ctrl-C. */

import { expect } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { runAndKill } from '../harness/kill.ts'
import { nodeMade } from '../harness/kill-up.ts'
import { editDeclaration, hypervisor } from '../harness/lab.ts'
import { tail } from '../harness/output.ts'
import { readLabId } from '../harness/remains.ts'

export interface Half {
  copy: Copy
  id: string
}

/** So small that two labs fit on a machine for one, with its own network and libvirtd. */
export async function makeSmall(copy: Copy): Promise<void> {
  await editDeclaration(copy, 'group_vars/controller.yml', /memory_mib: \d+/, 'memory_mib: 5120')
  await editDeclaration(copy, 'group_vars/compute.yml', /memory_mib: \d+/, 'memory_mib: 2048')
  await editDeclaration(copy, 'group_vars/all.yml', /lab_isolation: \w+/, 'lab_isolation: netns')
}

/** Kills the `up` of a small lab once the first node exists; fails if it did not get that far. */
export async function buildHalf(copy: Copy): Promise<Half> {
  const blow = {
    kind: 'SIGKILL',
    marker: nodeMade,
    latestSeconds: hypervisor === 'qemu' ? 1200 : 240,
    delaySeconds: 1,
  } as const
  const { hit, output } = await runAndKill(copy, ['up', '--hypervisor', hypervisor], blow)
  expect(hit && nodeMade.test(output), tail(output)).toBe(true)
  return { copy, id: (await readLabId(copy))! }
}
