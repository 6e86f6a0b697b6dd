/** Reads Terraform's states of this lab, and taints what has drifted. Only Terraform itself writes them. */

import { existsSync, readFileSync, renameSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Lab, LabHandle } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { terraformEnvironment } from './terraform.ts'

/** Another run may hold the lock of the state for a moment. */
export const lockTimeout = `-lock-timeout=${timeouts.machine.stateLock.seconds}s`

export interface StateResource {
  /** `terraform_data.glance` */
  address: string
  type: string
  name: string
  tainted: boolean
  attributes: Record<string, unknown>
}

/** In the order of their dependencies. */
export const stackNames = ['nodes', 'services', 'cloud'] as const
export type StackName = (typeof stackNames)[number]

export const stateFile = (lab: Pick<LabHandle, 'paths'>, stack: StackName) =>
  join(lab.paths.terraform, `${stack}.tfstate`)

interface StateFile {
  resources?: {
    mode: string
    type: string
    name: string
    instances?: { status?: string; attributes?: Record<string, unknown> }[]
  }[]
}

/** What a stack's state knows; nothing where there is none. */
export function readState(lab: Pick<LabHandle, 'paths'>, stack: StackName): StateResource[] {
  let state: StateFile
  try {
    state = JSON.parse(readFileSync(stateFile(lab, stack), 'utf8')) as StateFile
  } catch {
    // None yet, or cut off by a full disk: Terraform then says so itself.
    return []
  }
  return (state.resources ?? [])
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ type, name, instances }) =>
      (instances ?? []).map(({ status, attributes }) => ({
        address: `${type}.${name}`,
        type,
        name,
        tainted: status === 'tainted',
        attributes: attributes ?? {},
      })),
    )
}

/** Ids of all that the lab itself has made in its cloud; what else is there is its users'. */
export function ownIds(lab: Pick<LabHandle, 'paths'>): ReadonlySet<string> {
  return new Set(readState(lab, 'cloud').map(({ attributes }) => String(attributes['id'])))
}

/**
 * A state that is empty or cut off, as a full disk or a power cut leaves it, keeps Terraform from doing anything at all:
 * it is set aside, and what it knew is found again by lab id. Gives the names of the files.
 */
export function setAsideTornStates(lab: Pick<LabHandle, 'paths'>): string[] {
  const torn = stackNames.map((stack) => stateFile(lab, stack)).filter(isTorn)
  for (const file of torn) renameSync(file, `${file}.torn`)
  return torn.map((file) => basename(file))
}

function isTorn(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    JSON.parse(readFileSync(file, 'utf8'))
    return false
  } catch {
    return true
  }
}

/** Marks resources so that the next deploy makes them anew. */
export async function taint(lab: Lab, stack: StackName, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    await changeState(lab, stack, `taint ${address}`, ['taint'], [lockTimeout, address])
  }
}

/** Takes resources out of the state whose objects were removed without Terraform. */
export async function forgetResources(lab: Lab, stack: StackName, addresses: readonly string[]): Promise<void> {
  if (addresses.length === 0) return
  await changeState(lab, stack, 'forget what was removed', ['state', 'rm'], [lockTimeout, '-backup=-', ...addresses])
}

/** Needs no initialized folder, only the state. */
async function changeState(lab: Lab, stack: StackName, step: string, verb: string[], args: string[]): Promise<void> {
  const env = terraformEnvironment(lab)
  const empty = await mkdtemp(join(tmpdir(), 'duostack-state-'))
  try {
    await runOnHost(
      env['TERRAFORM_BINARY_NAME'] ?? 'terraform',
      [...verb, `-state=${stateFile(lab, stack)}`, ...args],
      {
        step,
        cwd: empty,
        env,
        timeoutSeconds: timeouts.machine.state.seconds,
      },
    )
  } finally {
    await rm(empty, { recursive: true, force: true })
  }
}
