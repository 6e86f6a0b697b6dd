/** Reads and judges what a lab's own commands say about it. */

import { expect } from 'vitest'
import type { Copy } from './copy.ts'
import { parseDocument, readDocument } from './documents.ts'
import { tail } from './output.ts'

/** Runs the client's command, which must succeed; returns its output. */
export async function client(copy: Copy, ...args: string[]): Promise<string> {
  const result = await copy.run('./lab', 'openstack', ...args)
  expect(result.exitCode, tail(result.all)).toBe(0)
  return String(result.stdout)
}

/** The client's answer, parsed. */
export async function openstack<T>(copy: Copy, ...args: string[]): Promise<T> {
  return JSON.parse(await client(copy, ...args, '-f', 'json')) as T
}

export interface Observation {
  what: string
  ok: boolean
  seen: string
}

/** The lines of `./lab verify --json`, each of which must hold. */
export function expectHold({ exitCode, stdout, all }: { exitCode?: number; stdout?: unknown; all?: unknown }) {
  const { observations } = parseDocument<{ observations: Observation[] }>(String(stdout))
  expect(
    observations.filter(({ ok }) => !ok),
    tail(all),
  ).toEqual([])
  expect(exitCode, tail(all)).toBe(0)
  return observations
}

/** Everything that verify checks holds. */
export async function expectVerified(copy: Copy, ...options: string[]): Promise<void> {
  expect(expectHold(await copy.run('./lab', 'verify', '--json', ...options)).length).toBeGreaterThan(10)
}

export interface Diagnosed {
  problems: { rule: string; about: string; evidence: string[]; next: string; follows: string[] }[]
  unread: { rule: string; at: string; why: string }[]
  fixed: string[]
}

export async function askDoctor(copy: Copy, ...args: string[]): Promise<Diagnosed> {
  return (await readDocument<Diagnosed>(copy, 'doctor', ...args)).document
}

/** `unit-down controller/nova-scheduler` */
export const namesOf = ({ problems }: Pick<Diagnosed, 'problems'>) =>
  problems.map(({ rule, about }) => `${rule} ${about}`)
