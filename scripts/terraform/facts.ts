/** Which Terraform or OpenTofu this machine has, and whether their registries and Go are available. */

import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Identity, TerraformProgram } from '../declaration/identity.ts'
import { fetchOutside } from '../run/outside.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { cachedOpenTofu, hasMirror } from './cache.ts'
import { readTerraformChoice } from './terraform.ts'

export interface TerraformFacts {
  /** The first suitable one: terraform on PATH, tofu on PATH, or the one that an earlier lab installed. */
  program?: TerraformProgram
  /** Names and versions of those that are too old. */
  tooOld: string[]
  /** The providers' registry answers within three seconds. */
  registry: boolean
  /** The built providers are in the cache. */
  mirror: boolean
  /** `1.24.2`; absent if Go is. */
  go?: string
}

const oldest = [1, 5] as const

/** On PATH, executable. */
async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((one) => one.startsWith('/'))) {
    const path = join(folder, name)
    if (await isExecutable(path)) return path
  }
  return undefined
}

const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/** True from 1.5 on: `terraform_data` and import blocks. */
export function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

async function readVersion(path: string): Promise<string> {
  const { stdout } = await runOnHost(path, ['version', '-json'], {
    step: `${path} version`,
    // A configuration file of the user's that is missing would put a warning before the JSON.
    env: { CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null' },
    timeoutSeconds: timeouts.machine.look.seconds,
  })
  return (JSON.parse(stdout.slice(stdout.indexOf('{'))) as { terraform_version: string }).terraform_version
}

/** In the order in which they are looked for where nobody names one. */
export const terraformNames = ['terraform', 'tofu'] as const satisfies readonly TerraformProgram['name'][]

/** `wanted`: this one or none. */
async function findTerraform(wanted?: TerraformProgram['name']): Promise<Pick<TerraformFacts, 'program' | 'tooOld'>> {
  const tooOld: string[] = []
  for (const name of wanted ? [wanted] : terraformNames) {
    const path = await findProgram(name)
    if (path === undefined) continue
    const version = await readVersion(path).catch(() => '0')
    if (isRecent(version)) return { program: { name, path }, tooOld }
    tooOld.push(`${path} ${version}`)
  }
  const path = cachedOpenTofu()
  return wanted !== 'terraform' && (await isExecutable(path)) ? { program: { name: 'tofu', path }, tooOld } : { tooOld }
}

/** The program that this lab uses or would use, with its version; undefined if there is none. Asks no registry. */
export async function readTerraformVersion(identity?: Identity) {
  const program = identity?.terraform ?? (await findTerraform()).program
  if (!program || !(await isExecutable(program.path))) return undefined
  return { ...program, version: await readVersion(program.path) }
}

async function readGo(): Promise<string | undefined> {
  const path = await findProgram('go')
  if (path === undefined) return undefined
  const { stdout } = await runOnHost(path, ['env', 'GOVERSION'], {
    step: 'go version',
    timeoutSeconds: timeouts.machine.look.seconds,
  })
  return /^go([\d.]+)/.exec(stdout)?.[1]
}

const discovery = {
  terraform: 'https://registry.terraform.io/.well-known/terraform.json',
  tofu: 'https://registry.opentofu.org/.well-known/terraform.json',
}

/** Determined once for a lab: a result that changes between deploys would also change the lock files. */
async function askRegistry(name: TerraformProgram['name']): Promise<boolean> {
  try {
    return (
      await fetchOutside(discovery[name], { signal: AbortSignal.timeout(timeouts.outside.registry.seconds * 1000) })
    ).ok
  } catch {
    return false
  }
}

/** What the lab chose at its first `up` is taken over as long as the program is there. */
export async function readTerraformFacts(
  root: string,
  identity?: Identity,
  wanted?: TerraformProgram['name'],
): Promise<TerraformFacts> {
  const choice = readTerraformChoice(root)
  const fits = identity && (wanted === undefined || wanted === identity.terraform.name)
  const kept = fits && (await isExecutable(identity.terraform.path)) ? identity.terraform : undefined
  const [found, go] = await Promise.all([
    kept ? { program: kept, tooOld: [] } : findTerraform(wanted),
    kept && choice ? undefined : readGo().catch(() => undefined),
  ])
  const name = found.program?.name ?? wanted ?? 'tofu'
  const registry = choice?.name === name ? choice.registry : await askRegistry(name)
  return { ...found, registry, mirror: await hasMirror(name), ...(go ? { go } : {}) }
}
