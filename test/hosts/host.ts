/** The steps from which the cases are built: a lab on a machine. */

import { expect } from 'vitest'
import { expectHold } from '../harness/answers.ts'
import { tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import type { Machine, Output, RunOptions } from './machine.ts'
import type { Row } from './row.ts'

export interface Host {
  machine: Machine
  row: Row
}

/** In the clone, as the case's user. */
export const inClone = ({ machine, row }: Host, command: string, options?: RunOptions): Promise<Output> =>
  machine.run(row.user, `cd ~/duostack && ${command}`, options)

/** As root, for what a person does to the machine; fails with its output. */
export async function asRoot({ machine }: Host, script: string, options?: RunOptions): Promise<string> {
  const result = await machine.run('root', `set -e\n${script}`, { quiet: true, ...options })
  expect(result.exitCode, `${script}\n${tail(result.all)}`).toBe(0)
  return result.stdout
}

/** A command in the clone that must succeed. Returns how long it took: `up 2 min 3 s`. */
export async function timed(host: Host, label: string, command: string, options?: RunOptions): Promise<string> {
  const took = stopwatch()
  const result = await inClone(host, command, options)
  expect(result.exitCode, `${command}\n${tail(result.all)}`).toBe(0)
  return `${label} ${took.shown()}`
}

export const up = ({ row }: Host) => `./lab up${row.kind === 'auto' ? '' : ` --hypervisor ${row.kind}`}`

/** Every line of the acceptance list is good. Returns `26 of 26`. */
export async function verified(host: Host): Promise<string> {
  const result = await inClone(host, './lab verify --json', { quiet: true })
  const observations = expectHold(result)
  expect(observations.length, tail(result.all)).toBeGreaterThan(12)
  return `${observations.length} of ${observations.length}`
}

/** Writes `none` and `netns` where a user would. */
export async function declareIsolation(host: Host): Promise<void> {
  const file = 'ansible-vars/group_vars/all.yml'
  const declared = await inClone(host, `sed -i 's/^lab_isolation: .*/lab_isolation: ${host.row.isolation}/' ${file}`)
  expect(declared.exitCode).toBe(0)
}
