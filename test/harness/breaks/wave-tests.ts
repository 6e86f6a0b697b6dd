/** The doctor's tests on a running lab: a wave of faults is made, each must be found, and the lab is healthy afterwards. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { breakScript, restoreScript } from '../../../scripts/exercises/node-changes.ts'
import { askDoctor, type Diagnosed, namesOf } from '../answers.ts'
import type { Copy } from '../copy.ts'
import { onNode } from '../lab.ts'
import { readLabId } from '../remains.ts'
import { type Break, scriptOf, sharedBreak } from './waves.ts'

const script = join(import.meta.dirname, 'run.sh')

export async function runBreak(copy: Copy, name: string, verb: 'break' | 'undo'): Promise<void> {
  const shared = sharedBreak(name)
  if (shared) {
    const text = verb === 'break' ? breakScript(shared) : restoreScript(shared)
    await onNode(copy, shared.on === 'compute' ? 'compute1' : 'controller', text)
    return
  }
  const { exitCode, all } = await execa('bash', [script, copy.root, name, verb], { all: true, reject: false })
  expect(exitCode, `${name}: ${verb}: ${all}`).toBe(0)
}

/** It takes a while until a fault or a repair is visible everywhere. */
async function askUntil(copy: Copy, good: (document: Diagnosed) => boolean, seconds: number): Promise<Diagnosed> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const document = await askDoctor(copy)
    if (good(document) || Date.now() > end) return document
    await sleep(2000)
  }
}

const isQuiet = ({ problems, unread }: Diagnosed) => problems.length === 0 && unread.length === 0

async function tryWave(copy: Copy, wave: readonly Break[]): Promise<void> {
  const id = (await readLabId(copy))!
  const expected = wave.map(({ rule, about }) => `${rule} ${about.replace('ID', id)}`).sort()
  for (const one of wave) await runBreak(copy, scriptOf(one), 'break')
  const seen = await askUntil(copy, (document) => namesOf(document).sort().join() === expected.join(), 60)
  expect(namesOf(seen).sort(), JSON.stringify(seen, null, 1)).toEqual(expected)
  for (const { evidence, next } of seen.problems) {
    expect(evidence.join()).not.toBe('')
    expect(next).not.toBe('')
  }
  for (const one of wave) if (one.by === 'undo') await runBreak(copy, scriptOf(one), 'undo')
  if (wave.some(({ by }) => by === 'fix')) {
    const { fixed } = await askDoctor(copy, '--fix')
    // One repair may end several problems.
    expect(fixed.length).toBeGreaterThan(0)
  }
  const left = await askUntil(copy, isQuiet, 120)
  expect({ problems: left.problems, unread: left.unread }).toEqual({ problems: [], unread: [] })
}

/** `copyOf` returns the copy whose lab is running. */
export function waveTests(copyOf: () => Copy, chosen: readonly (readonly Break[])[]): void {
  const titled = chosen.map((wave) => [wave.map(scriptOf).join(', '), wave] as const)
  test.each(titled)('finds %s, and the lab is healthy after the repair', (_, wave) => tryWave(copyOf(), wave))
}
