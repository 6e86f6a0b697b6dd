/** Decides a new lab's identity on this machine: what `auto` resolves to, which image, which Terraform. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Declaration } from '../declaration/declaration.ts'
import type { TerraformProgram } from '../declaration/identity.ts'
import { checkIdentity, type Identity, newIdentity, readIdentity, writeIdentity } from '../declaration/identity.ts'
import type { Isolation } from '../declaration/lab.ts'
import { composeLab } from '../declaration/load.ts'
import { hasTree } from '../image/closed-tree.ts'
import { nodeImageDigest } from '../image/recipe.ts'
import { kindOf } from '../nodes/kind-of.ts'
import type { Progress } from '../run/progress.ts'
import { readState, type StateResource } from '../terraform/state.ts'
import { chooseHypervisor } from './cached-probe.ts'
import type { HostFacts } from './facts.ts'
import type { Choice } from './hypervisor.ts'
import { measureTimeScale } from './speed.ts'

export interface Standing {
  /** The identity that still holds; absent for a new lab. */
  identity?: Identity
  /** Nodes of it are there: it cannot become another lab. */
  living: boolean
  /** The stack `nodes` as Terraform's state knows it. */
  nodes: readonly StateResource[]
}

/**
 * A lab lives while Terraform's state knows nodes of it or its folder is there. One that does not may be declared
 * anew; its old identity holds only as far as the declaration still says the same.
 */
export function readStanding(root: string, declaration: Declaration): Standing {
  const identity = readIdentity(root)
  if (!identity) return { living: false, nodes: [] }
  const lab = composeLab(root, declaration, identity)
  const nodes = readState(lab, 'nodes')
  const living = nodes.length > 0 || existsSync(lab.paths.data)
  if (living || checkIdentity(declaration, identity, nodeImageDigest()).length === 0) return { identity, living, nodes }
  return { living: false, nodes }
}

/** What a lab of such nodes goes without. */
export const describeLeftOut = ({ vlan, lvm }: Identity['capabilities']): string[] => [
  ...(vlan ? [] : ["no VLAN network: this machine's kernel does not support VLANs in containers"]),
  ...(lvm ? [] : ['no LVM volumes: containers do not support iSCSI']),
]

/** Writes the identity where there is none, and says what was chosen and why. */
export async function settleIdentity(
  root: string,
  declaration: Declaration,
  standing: Standing,
  host: { facts: HostFacts; isolation: Choice<Isolation>; terraform: TerraformProgram; progress: Progress },
): Promise<Identity> {
  const { facts, isolation, terraform, progress } = host
  if (standing.identity) {
    const kept = { ...standing.identity, terraform }
    if (JSON.stringify(kept) !== JSON.stringify(standing.identity)) writeIdentity(root, kept)
    return kept
  }
  const hypervisor = await chooseHypervisor(declaration.hypervisor, {
    ...facts,
    stock: declaration.stockImage !== undefined,
  })
  progress.line(`  nodes: ${hypervisor.value} (${hypervisor.because})`)
  progress.line(`  isolation: ${isolation.value} (${isolation.because})`)
  const [capabilities, timeScale] = await Promise.all([
    kindOf({ hypervisor: hypervisor.value }).capabilities(),
    measureTimeScale(hypervisor.value),
  ])
  const identity = newIdentity(declaration, {
    hypervisor: hypervisor.value,
    isolation: isolation.value,
    imageDigest: nodeImageDigest(),
    terraform,
    capabilities,
    timeScale,
  })
  writeIdentity(root, identity)
  if (timeScale > 1) progress.line(`  timeouts: ${timeScale} times as long as on an ordinary machine (measured)`)
  for (const line of describeLeftOut(capabilities)) progress.line(`  ${line}`)
  return identity
}

/** The node image is in the cache. */
export const hasImage = (): boolean => hasTree(join('/var/cache/duostack/images', nodeImageDigest()))
