/**
 * The plan of a checkout's lab on this machine: what would be built, what would be downloaded, how long it will take.
 */

import { cpus } from 'node:os'
import { type Identity, readIdentity } from '../../declaration/identity.ts'
import type { Lab } from '../../declaration/lab.ts'
import { loadDeclaration, loadLab } from '../../declaration/load.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { type HostFacts, readHostFacts } from '../../host/facts.ts'
import { describeLeftOut, hasImage } from '../../host/identity.ts'
import { readImageState } from '../../host/image-state.ts'
import { resolveKinds } from '../../host/kinds.ts'
import { missingPackages, neededPackages } from '../../host/packages.ts'
import { neededDiskMiB } from '../../host/preflight-disk.ts'
import { hostReserveMiB } from '../../host/preflight-machine.ts'
import { kindOf } from '../../nodes/kind-of.ts'
import { machineTimingsFile, readTimings, timingsFile } from '../../run/progress/timings.ts'
import { backendOf } from '../../services/cinder-backend.ts'
import { planDownloads } from './downloads.ts'
import { chooseBasis, estimate } from './estimate.ts'
import { planLab } from './lab-plan.ts'
import type { ShownPlan } from './text.ts'

/** What `auto` and the probes would decide for a lab without an identity; without root rights nothing is probed. */
async function previewOf(root: string, facts: HostFacts) {
  const { hypervisor, isolation } = await resolveKinds(loadDeclaration(root), undefined, facts)
  const because = { hypervisor: hypervisor.because, isolation: isolation.because }
  const known: Partial<Identity> = { isolation: isolation.value }
  if (hypervisor.value === 'auto') return { lab: loadLab(root, known), because, leftOut: [] }
  if (!facts.root) return { lab: loadLab(root, { ...known, hypervisor: hypervisor.value }), because, leftOut: [] }
  const capabilities = await kindOf({ hypervisor: hypervisor.value }).capabilities()
  const lab = loadLab(root, { ...known, capabilities, hypervisor: hypervisor.value })
  return { lab, because, leftOut: describeLeftOut(capabilities) }
}

const asBuilt = { hypervisor: 'as it was built', isolation: 'as it was built' }

/** `living`: the existing lab of the checkout `root`, if there is one. */
export async function readPlan(root: string, living: Lab | undefined): Promise<ShownPlan> {
  const facts = await readHostFacts(root, readIdentity(root))
  const { lab, because, leftOut } = living
    ? { lab: living, because: asBuilt, leftOut: describeLeftOut(living.capabilities) }
    : await previewOf(root, facts)
  const plan = planLab(lab, loadSecrets(root), living !== undefined)
  const downloads = planDownloads({
    packages: missingPackages(neededPackages(lab.hypervisor, lab.isolation, lab), facts.packages),
    terraform: facts.terraform,
    image: readImageState(lab, living?.paths.image),
    isolated: lab.isolation === 'netns',
  })
  const own = readTimings(timingsFile(root))
  const basis = chooseBasis(lab, own, readTimings(machineTimingsFile(lab.paths.cache, lab.hypervisor)))
  const data = facts.disks.find(({ use }) => use === 'data')
  return {
    plan,
    because,
    leftOut,
    volumeBackend: lab.services.cinder ? backendOf(lab).name : null,
    needs: {
      memoryMiB: plan.totals.memoryMiB + hostReserveMiB,
      diskMiB: neededDiskMiB({ declaration: lab, living: false, image: hasImage() }),
    },
    machine: {
      cpus: cpus().length,
      memoryMiB: facts.memory.totalMiB,
      availableMiB: facts.memory.availableMiB,
      freeDiskMiB: data?.freeMiB ?? 0,
    },
    downloads,
    estimate: estimate(plan.services, downloads, basis),
  }
}
