/**
 * Can this machine run the declared lab? `up` refuses problems before it changes anything, and `doctor --host` lists
 * them.
 */

import type { Declaration } from '../declaration/declaration.ts'
import { type Finding, LabError } from '../declaration/errors.ts'
import type { Identity, TerraformProgram } from '../declaration/identity.ts'
import { checkIdentity } from '../declaration/identity.ts'
import { type Hypervisor, isSelfService } from '../declaration/lab.ts'
import { composeLab, loadDeclaration } from '../declaration/load.ts'
import { readBuiltNodes } from '../nodes/change/built-nodes.ts'
import { checkBuiltNodes } from '../nodes/change/fixed.ts'
import { readTerraformFacts } from '../terraform/facts.ts'
import { checkTerraformWanted } from '../terraform/wanted.ts'
import { type HostFacts, readHostFacts } from './facts.ts'
import type { Wanted } from './host-check.ts'
import { hasImage, readStanding, type Standing } from './identity.ts'
import { checkImagePackages } from './image-packages.ts'
import { type Kinds, resolveKinds } from './kinds.ts'
import { checkOverlay } from './networking.ts'
import { adviseHost, type HostLine, lineOf, lookAtHost } from './preflight.ts'
import { checkTerraform } from './preflight-tools.ts'

/** What the command line says in place of the declaration. */
export interface Asked {
  hypervisor?: Hypervisor | 'auto' | undefined
  terraform?: TerraformProgram['name'] | undefined
}

export interface Judged {
  declaration: Declaration
  standing: Standing
  facts: HostFacts
  kinds: Kinds
  wanted: Wanted
  asked: Asked
  /** What the image of an existing lab lacks. */
  imagePackages?: readonly Finding[]
  /** What self-service networks lack here. */
  overlay?: readonly Finding[]
}

/** All that was looked at, good and bad. Pure. */
export function judge({
  declaration,
  standing,
  facts,
  kinds,
  wanted,
  asked,
  imagePackages = [],
  overlay = [],
}: Judged): HostLine[] {
  const { hypervisor, isolation } = kinds
  const identity = standing.living ? standing.identity : undefined
  return [
    lineOf({ what: 'nodes', findings: [], seen: `${hypervisor.value} (${hypervisor.because})` }),
    lineOf({ what: 'isolation', findings: [], seen: `${isolation.value} (${isolation.because})` }),
    ...(isSelfService(declaration)
      ? [lineOf({ what: 'networking', findings: [...overlay], seen: 'self-service' })]
      : []),
    ...lookAtHost(facts, wanted),
    lineOf({
      what: 'settings that cannot change',
      findings: [...checkStanding(declaration, standing), ...imagePackages],
      seen: identity ? 'as the lab was built' : 'none yet: the first up sets them',
    }),
    ...(asked.terraform
      ? [
          lineOf({
            what: '--terraform',
            findings: checkTerraformWanted(asked.terraform, facts.terraform, identity),
            seen: asked.terraform,
          }),
        ]
      : []),
  ]
}

/** What is declared differently than it was built, and cannot change any more. */
function checkStanding(declaration: Declaration, { identity, nodes }: Standing): Finding[] {
  if (!identity) return []
  const built = readBuiltNodes(nodes)
  return [...checkIdentity(declaration, identity), ...checkBuiltNodes(declaration, identity.hypervisor, built)]
}

export interface Fitness extends Judged {
  lines: HostLine[]
  /** Why no lab can be built here, or brought to what is declared; none where it can. */
  wrong: Finding[]
  /** Worth knowing before. */
  advice: Finding[]
}

/** Told by the command line, which is then also the place of what is wrong with it. */
const withHypervisor = (declared: Declaration, hypervisor: Declaration['hypervisor']): Declaration => ({
  ...declared,
  hypervisor,
  places: { ...declared.places, hypervisor: `--hypervisor ${hypervisor}` },
})

/** Reads this machine and changes nothing on it. Throws LabError if the declaration itself is wrong. */
export async function readFitness(root: string, asked: Asked = {}): Promise<Fitness> {
  const declared = loadDeclaration(root)
  const declaration = asked.hypervisor ? withHypervisor(declared, asked.hypervisor) : declared
  const standing = readStanding(root, declaration)
  const { identity, living } = standing
  const { terraform } = asked
  const facts = await readHostFacts(root, identity, { sources: !living, ...(terraform ? { terraform } : {}) })
  const kinds = await resolveKinds(declaration, identity, facts)
  const wanted = {
    declaration: { ...declaration, hypervisor: kinds.hypervisor.value },
    isolation: kinds.isolation.value,
    root,
    living,
    image: hasImage(),
    ...(identity ? { id: identity.id } : {}),
  }
  const imagePackages = living && identity ? checkImagePackages(composeLab(root, declaration, identity)) : []
  const overlay = facts.root ? await checkOverlay(declaration, kinds.hypervisor.value) : []
  const judged = { declaration, standing, facts, kinds, wanted, asked, imagePackages, overlay }
  const lines = judge(judged)
  const wrong = lines.flatMap(({ verdict, findings }) => (verdict === 'wrong' ? findings : []))
  return { ...judged, lines, wrong, advice: adviseHost(facts, wanted) }
}

/** Throws LabError where there is no Terraform and none can be had: for a command that ends with an `up`. */
export async function expectTerraform(root: string, identity?: Identity): Promise<void> {
  const wrong = checkTerraform({ terraform: await readTerraformFacts(root, identity) })
  if (wrong.length > 0) throw new LabError(wrong)
}
