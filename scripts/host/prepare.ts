/** Everything that a deploy needs before Terraform starts. Safe to repeat, and quick if there is nothing to do. */

import { fileURLToPath } from 'node:url'
import { readAllSaves } from '../checkpoint/saves.ts'
import { finishBegun } from '../checkpoint/unfinished.ts'
import { writeAccessFiles } from '../cloud/access-files.ts'
import { keepApplied } from '../declaration/applied.ts'
import { describeFinding, LabError } from '../declaration/errors.ts'
import { expectNoExercise } from '../declaration/expect-no-exercise.ts'
import type { TerraformProgram } from '../declaration/identity.ts'
import type { Hypervisor, Lab, LabNode } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { ensureSecrets } from '../declaration/secrets.ts'
import { hasTree } from '../image/closed-tree.ts'
import { ensureNodeImage } from '../image/node-image.ts'
import { ensureStockImage } from '../image/stock-image.ts'
import { ensureTestImage } from '../image/test-image.ts'
import { ensureBridgeAccept } from '../libvirt/bridge-accept.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { readInventory } from '../libvirt/inventory.ts'
import { ensureLibvirtd } from '../libvirt/libvirtd.ts'
import { reconcileNodes } from '../nodes/change/reconcile.ts'
import { alignClocks } from '../nodes/clock.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { runExpected } from '../run/expected.ts'
import { withLock } from '../run/lock.ts'
import { ensureNamespace } from '../run/namespace.ts'
import { type Progress, terminalProgress } from '../run/progress.ts'
import { ensureSshMaterial } from '../run/ssh-material.ts'
import { obtainRoot } from '../run/sudo.ts'
import { obtainOpenTofu } from '../terraform/opentofu.ts'
import { ensureProviders } from '../terraform/providers.ts'
import { setAsideTornStates } from '../terraform/state.ts'
import { writeTerraformChoice } from '../terraform/terraform.ts'
import { ensureDataFolder } from './data-folder.ts'
import { taintDrift } from './drift-taint.ts'
import { readFitness } from './fitness.ts'
import { settleIdentity } from './identity.ts'
import { ensureKernelModules } from './kernel-modules.ts'
import { removeOrphans } from './orphans.ts'
import { openNamespace, settleOutbound } from './outbound.ts'
import { installPackages, missingPackages, neededPackages } from './packages.ts'
import { startStopped } from './stopped-nodes.ts'

export interface PrepareOptions {
  progress: Progress
  /** In place of `lab_hypervisor`. */
  hypervisor?: Hypervisor | 'auto'
  /** Which program a new lab is built with, in place of the first that is found. */
  terraform?: TerraformProgram['name']
  /** Servers on a node that is no longer declared are moved to others instead of being an error. */
  evict?: boolean
  /**
   * `deploy`, the default: all of it. `plan`: no images, nothing tainted or removed. `start`: a built lab's nodes, for
   * which nothing of Terraform has to be fetched.
   */
  purpose?: 'deploy' | 'plan' | 'start'
}

/**
 * Makes this machine ready for the lab declared in `root`. Throws one LabError with everything that is not fit, before
 * anything is touched. The caller holds the lab's lock for as long as the whole command lasts.
 */
export async function prepare(root: string, options: PrepareOptions): Promise<Lab> {
  await obtainRoot()
  return withLock(root, () => prepareLocked(root, options))
}

async function prepareLocked(root: string, options: PrepareOptions): Promise<Lab> {
  const { progress, purpose = 'deploy' } = options
  // It would repair what is meant to be broken.
  if (purpose === 'deploy') expectNoExercise(root, 'up')
  if (purpose === 'deploy') await finishBegun(root, progress)
  const terraform = await settle(root, options)
  const lab = loadLab(root)
  const secrets = ensureSecrets(root)
  await ensureDataFolder(lab)
  await ensureKernelModules(lab, progress)
  await Promise.all([
    ensureSshMaterial(lab),
    ...(purpose === 'start' ? [] : [ensureProviders(lab, terraform.program, terraform, progress)]),
    progress.step(`libvirtd${lab.isolation === 'netns' ? ' and the network namespace' : ''}`, () =>
      startLibvirtd(lab, progress),
    ),
    ...(purpose === 'deploy' ? [ensureImages(lab, progress)] : []),
  ])
  writeTerraformChoice(lab, terraform.program, terraform)
  writeAccessFiles(lab, secrets)
  if (purpose !== 'deploy') return lab
  keepApplied(root)
  await bringUpToDate(lab, options)
  return lab
}

/** What of this lab is there, made fit for Terraform: nodes run, follow the declaration, and differ where it knows. */
async function bringUpToDate(lab: Lab, { progress, evict = false }: PrepareOptions): Promise<void> {
  for (const file of setAsideTornStates(lab)) {
    progress.line(`  ! ${file} is damaged: moved to ${file}.torn; its objects are found by the lab id`)
  }
  const inventory = await progress.step("read the lab's current state", () => readInventory(lab))
  const { domains, started } = await startStopped(lab, inventory)
  const { retired, restarted } = await reconcileNodes(lab, domains, evict)
  const isRetired = ({ name }: { name: string }) => retired.some((node) => name === domainName(lab, node))
  const isRunning = (node: LabNode) =>
    domains.some(({ name, running }) => running && name === domainName(lab, node.name))
  await alignClocks(lab, lab.nodes.filter(isRunning), progress)
  const standing = { ...inventory, domains: domains.filter((domain) => !isRetired(domain)) }
  const left = await removeOrphans(lab, standing, progress)
  for (const line of await settleOutbound(lab)) progress.line(`  ${line}`)
  await taintDrift(lab, left, { progress, booting: started.length + restarted.length > 0 })
}

/** Preflight, then packages, Terraform and the lab's identity. Until the preflight has passed nothing is touched. */
async function settle(root: string, { hypervisor, terraform, progress, purpose }: PrepareOptions) {
  const { declaration, standing, facts, kinds, wrong, advice } = await progress.step('check this machine', () =>
    readFitness(root, { hypervisor, terraform }),
  )
  const against = purpose === 'start' ? wrong.filter(({ where }) => where !== 'Terraform') : wrong
  if (against.length > 0) throw new LabError(against)
  for (const finding of advice) progress.line(`  ! ${describeFinding(finding)}`)
  const { isolation } = kinds
  const needed = neededPackages(kinds.hypervisor.value, isolation.value, declaration)
  await installPackages(missingPackages(needed, facts.packages), progress)
  const known = facts.terraform.program ?? (purpose === 'start' ? standing.identity?.terraform : undefined)
  const program = known ?? (await obtainOpenTofu(progress))
  await settleIdentity(root, declaration, standing, { facts, isolation, terraform: program, progress })
  return { program, registry: facts.terraform.registry }
}

async function startLibvirtd(lab: Lab, progress: Progress): Promise<void> {
  if (lab.isolation === 'netns') await ensureNamespace(lab)
  await openNamespace(lab)
  await ensureLibvirtd(lab, (line) => progress.line(`  ${line}`))
  // A namespace of the lab's own has a firewall of its own, in which nobody else has rules.
  const added = lab.isolation === 'none' ? await ensureBridgeAccept(lab) : 0
  if (added > 0) progress.line(`  firewall: ${added} rules let frames between the nodes pass; ./lab down removes them`)
}

/** As an imported one does, on a machine that never built it; only a new node would need this machine's. */
const bringsItsImage = (lab: Lab) =>
  !hasTree(lab.paths.image) && readAllSaves().some(({ id, ownImage }) => id === lab.id && ownImage)

/**
 * One after the other: the test image is made of packages and the kernel of the node image, also where the nodes are
 * made of another one.
 */
async function ensureImages(lab: Lab, progress: Progress): Promise<void> {
  if (bringsItsImage(lab)) return
  if (lab.stockImage) await ensureStockImage(lab, lab.stockImage, progress)
  await ensureNodeImage(lab.paths, lab.stockImage ? 'tree' : kindOf(lab).image, progress)
  await ensureTestImage(lab.paths, progress)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  await runExpected(async () => {
    await prepare(root, { progress: terminalProgress() })
  })
}
