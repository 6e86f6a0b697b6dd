/** A class on a lab under test: who is in it, and what one student can do to another. */

import { expect } from 'vitest'
import type { Isolation } from './class-students.ts'
import type { Copy } from './copy.ts'
import { runInside } from './lab.ts'

/** What `./lab class … --json` says. */
export interface Class {
  students: { student: string; name: string | null; complete: boolean; use: { instances: { used: number } } }[]
}

/** `attacker` neither sees nor changes what is `victim`'s, and uses up only its own. Returns what was tried. */
export async function expectIsolated(copy: Copy, attacker: string, victim: string): Promise<Isolation> {
  const program = ['node', 'scripts/run.mjs', 'test/harness/class-students.ts', attacker, victim]
  const isolation = JSON.parse(await runInside(copy, ...program)) as Isolation
  const { seen, refused, exhausted, left } = isolation
  expect(seen).toEqual([])
  expect(Object.entries(refused).filter(([, answer]) => ![400, 401, 403, 404].includes(answer))).toEqual([])
  expect(Object.entries(exhausted).filter(([, { answer }]) => ![403, 409, 413].includes(answer))).toEqual([])
  expect(left).toEqual({ server: 200, port: 200 })
  return isolation
}
