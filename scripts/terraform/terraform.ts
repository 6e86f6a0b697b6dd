/** How the lab uses Terraform or OpenTofu: which program, which providers, which environment. */

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../declaration/files.ts'
import { readIdentity, type TerraformProgram } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { withoutProxy } from '../run/no-proxy.ts'
import { mirrorFolder } from './cache.ts'

/** Decided once for a lab, in .lab/terraform/choice.json. */
export interface TerraformChoice {
  name: TerraformProgram['name']
  /** The registry answered; else the providers come from the mirror in the cache. */
  registry: boolean
  /** The lab's namespace has no route to the registry, so the mirror is used there even where the host reaches it. */
  mirror: boolean
}

const choiceFile = (root: string) => join(root, '.lab', 'terraform', 'choice.json')
const configFile = (root: string) => join(root, '.lab', 'terraform', 'terraform.rc')

export function readTerraformChoice(root: string): TerraformChoice | undefined {
  try {
    return JSON.parse(readFileSync(choiceFile(root), 'utf8')) as TerraformChoice
  } catch {
    return undefined
  }
}

/** Writes down where the providers come from, and the configuration file that says so to Terraform. */
export function writeTerraformChoice(
  lab: Lab,
  program: TerraformProgram,
  { registry }: Pick<TerraformChoice, 'registry'>,
): void {
  const mirror = !registry || lab.isolation === 'netns'
  mkdirSync(join(lab.root, '.lab', 'terraform'), { recursive: true, mode: 0o700 })
  const choice: TerraformChoice = { name: program.name, registry, mirror }
  replaceFile(choiceFile(lab.root), `${JSON.stringify(choice)}\n`)
  const config = `disable_checkpoint = true
provider_installation {
  filesystem_mirror { path = ${JSON.stringify(mirrorFolder())} }
}
`
  if (mirror) replaceFile(configFile(lab.root), config)
}

/**
 * What Terraform, OpenTofu and cdktf need to know of the lab. The mirror is named only where it is needed: it is
 * never forced on somebody who reaches the registry. Before the first prepare there is no choice yet: nothing is set.
 */
export function terraformEnvironment(lab: Lab): Record<string, string> {
  const program = readIdentity(lab.root)?.terraform
  const choice = readTerraformChoice(lab.root)
  return {
    CDKTF_STACKS: '*',
    CHECKPOINT_DISABLE: '1',
    OS_CLIENT_CONFIG_FILE: lab.paths.clouds,
    ...withoutProxy(lab),
    ...(program ? { TERRAFORM_BINARY_NAME: program.path } : {}),
    ...(choice?.mirror
      ? {
          TF_CLI_CONFIG_FILE: configFile(lab.root),
          // cdktf's own lock command ignores mirrors and asks the registry; only the word `true` counts.
          CDKTF_SKIP_PROVIDER_LOCK: 'true',
        }
      : {}),
  }
}
