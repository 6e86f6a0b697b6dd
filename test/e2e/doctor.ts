/** The doctor on a running lab: no problems if all is well, and each of many faults is found. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { breakScript, restoreScript } from '../../scripts/exercises/node-changes.ts'
import { askDoctor, type Diagnosed, namesOf } from '../harness/answers.ts'
import {
  type Break,
  scriptOf,
  sharedBreak,
  waves,
  wavesOfMachines,
  wavesOfSelfService,
} from '../harness/breaks/waves.ts'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { onNode } from '../harness/lab.ts'
import { readLabId } from '../harness/remains.ts'

const script = join(import.meta.dirname, '../harness/breaks/run.sh')

async function run(copy: Copy, name: string, verb: 'break' | 'undo'): Promise<void> {
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
  for (const one of wave) await run(copy, scriptOf(one), 'break')
  const seen = await askUntil(copy, (document) => namesOf(document).sort().join() === expected.join(), 60)
  expect(namesOf(seen).sort(), JSON.stringify(seen, null, 1)).toEqual(expected)
  for (const { evidence, next } of seen.problems) {
    expect(evidence.join()).not.toBe('')
    expect(next).not.toBe('')
  }
  for (const one of wave) if (one.by === 'undo') await run(copy, scriptOf(one), 'undo')
  if (wave.some(({ by }) => by === 'fix')) {
    const { fixed } = await askDoctor(copy, '--fix')
    // One repair may end several problems.
    expect(fixed.length).toBeGreaterThan(0)
  }
  const left = await askUntil(copy, isQuiet, 120)
  expect({ problems: left.problems, unread: left.unread }).toEqual({ problems: [], unread: [] })
}

/** `copyOf` returns the copy whose lab is running. */
export function doctorTests(copyOf: () => Copy, hypervisor: string): void {
  describe('doctor', () => {
    test('a healthy lab has no findings, and everything was checked', async () => {
      const healthy = await readDocument(copyOf(), 'doctor')
      expect(healthy.exitCode).toBe(0)
      expect(healthy.document).toMatchObject({ healthy: true, problems: [], unread: [] })
    })

    const chosen = hypervisor === 'lxc' ? waves : wavesOfMachines
    test('reports causes below a verify that fails', async () => {
      await run(copyOf(), 'api-silent', 'break')
      const verify = await copyOf().run('./lab', 'verify', '--now')
      await run(copyOf(), 'api-silent', 'undo')
      expect(verify.exitCode).toBe(1)
      const [lines = '', causes = ''] = String(verify.stdout).split('The doctor found')
      expect(lines).toMatch(/checks failed/)
      expect(causes).toMatch(/controller\/glance-api: .* \[api-silent\]/)
    })

    waveTests(copyOf, chosen)
  })
}

function waveTests(copyOf: () => Copy, chosen: readonly (readonly Break[])[]): void {
  const titled = chosen.map((wave) => [wave.map(scriptOf).join(', '), wave] as const)
  test.each(titled)('finds %s, and the lab is healthy after the repair', (_, wave) => tryWave(copyOf(), wave))
}

/** The faults that only a self-service lab can have. */
export function selfServiceDoctorTests(copyOf: () => Copy): void {
  describe('doctor, in a self-service lab', () => waveTests(copyOf, wavesOfSelfService))
}
