/** Reading Terraform's states of this lab, and tainting what has drifted. States are read here, written by Terraform alone. */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'
import { runOnHost } from './process.ts'
import { terraformEnvironment } from './terraform.ts'

export interface StateResource {
  /** `terraform_data.glance` */
  address: string
  type: string
  name: string
  tainted: boolean
  attributes: Record<string, unknown>
}

const stateFile = (lab: Pick<Lab, 'paths'>, stack: string) => join(lab.paths.terraform, `${stack}.tfstate`)

interface StateFile {
  resources?: {
    mode: string
    type: string
    name: string
    instances?: { status?: string; attributes?: Record<string, unknown> }[]
  }[]
}

/** What a stack's state knows; nothing where there is none. */
export function readState(lab: Pick<Lab, 'paths'>, stack: string): StateResource[] {
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

/** Marks resources so that the next deploy makes them anew. Needs no initialized folder, only the state. */
export async function taint(lab: Lab, stack: string, addresses: readonly string[]): Promise<void> {
  const env = terraformEnvironment(lab)
  const empty = await mkdtemp(join(tmpdir(), 'duostack-taint-'))
  try {
    for (const address of addresses) {
      await runOnHost(
        env['TERRAFORM_BINARY_NAME'] ?? 'terraform',
        ['taint', `-state=${stateFile(lab, stack)}`, '-lock-timeout=60s', address],
        {
          step: `taint ${address}`,
          cwd: empty,
          env,
          timeoutSeconds: 120,
        },
      )
    }
  } finally {
    await rm(empty, { recursive: true, force: true })
  }
}
