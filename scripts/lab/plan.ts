/** `./lab plan`: what would be built, or what would change on a living lab; touches nothing. */

import { cpus } from 'node:os'
import { defineCommand } from 'citty'
import { describeFinding } from '../declaration/errors.ts'
import { type Identity, readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadDeclaration, loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { type HostFacts, readHostFacts } from '../host/facts.ts'
import { probeCapabilities } from '../host/hypervisor.ts'
import { readImageState } from '../host/image-state.ts'
import { resolveKinds } from '../host/kinds.ts'
import { missingPackages, neededPackages } from '../host/packages.ts'
import { readChanges } from '../insight/plan/changes.ts'
import { showChanges } from '../insight/plan/changes-text.ts'
import { planDownloads } from '../insight/plan/downloads.ts'
import { chooseBasis, estimate } from '../insight/plan/estimate.ts'
import { planLab } from '../insight/plan/lab-plan.ts'
import { drawPlan } from '../insight/plan/svg.ts'
import { type ShownPlan, showPlan } from '../insight/plan/text.ts'
import { enterLab, insideLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { machineTimingsFile, readTimings, timingsFile } from '../run/progress/timings.ts'
import { terminalProgress } from '../run/progress.ts'
import { print, tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'

/** What `auto` and the probes would say, for a lab that has no identity yet; without root's rights nothing is probed. */
async function previewOf(facts: HostFacts) {
  const { hypervisor, isolation } = await resolveKinds(loadDeclaration(checkout), undefined, facts)
  const because = { hypervisor: hypervisor.because, isolation: isolation.because }
  const known: Partial<Identity> = { isolation: isolation.value }
  if (hypervisor.value === 'auto') return { lab: loadLab(checkout, known), because }
  const capabilities = facts.root ? { capabilities: await probeCapabilities(hypervisor.value) } : {}
  return { lab: loadLab(checkout, { ...known, ...capabilities, hypervisor: hypervisor.value }), because }
}

const asBuilt = { hypervisor: 'as it was built', isolation: 'as it was built' }

/** `living`: the lab, where there is one. */
export async function readPlan(living: Lab | undefined): Promise<ShownPlan> {
  const facts = await readHostFacts(checkout, readIdentity(checkout))
  const { lab, because } = living ? { lab: living, because: asBuilt } : await previewOf(facts)
  const plan = planLab(lab, loadSecrets(checkout), living !== undefined)
  const downloads = planDownloads({
    packages: missingPackages(
      neededPackages(lab.hypervisor, lab.isolation, lab.stockImage !== undefined),
      facts.packages,
    ),
    terraform: facts.terraform,
    image: readImageState(lab, living?.paths.image),
    isolated: lab.isolation === 'netns',
  })
  const own = readTimings(timingsFile(checkout))
  const basis = chooseBasis(lab, own, readTimings(machineTimingsFile(lab.paths.cache, lab.hypervisor)))
  const data = facts.disks.find(({ use }) => use === 'data')
  return {
    plan,
    because,
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

/** On stderr, as stdout is a document. */
function showAdvice(): void {
  for (const finding of loadDeclaration(checkout).advice ?? []) tell(`! ${describeFinding(finding)}`)
}

async function show(living: Lab | undefined, format: { json: boolean; svg: boolean }): Promise<void> {
  if (format.svg) {
    print(drawPlan((await readPlan(living)).plan))
    return
  }
  const steps = terminalProgress()
  const changes = living && (await steps.step('compare with what is there', (note) => readChanges(living, note)))
  if (format.json) print(JSON.stringify({ ...(await readPlan(living)), changes: changes ?? null }, null, 2))
  else if (changes) print(showChanges(changes))
  else print(`${showPlan(await readPlan(undefined))}\nNothing of it is there yet: ./lab up builds it`)
}

export default defineCommand({
  meta: {
    name: 'plan',
    description:
      'What `up` would build, with its totals against this machine and an estimate of the time; on a living lab, what it would change and why. Touches nothing.',
  },
  args: {
    json: { type: 'boolean', description: 'one JSON document on stdout' },
    svg: { type: 'boolean', description: 'a picture of the lab on stdout' },
  },
  async run({ args }) {
    const identity = readIdentity(checkout)
    const lab = identity && loadLab(checkout)
    if (lab && !insideLab(lab)) {
      process.exitCode = await enterLab(lab, ownProgram(process.argv[1]!, ...process.argv.slice(2)))
      return
    }
    showAdvice()
    await show(lab, { json: args.json ?? false, svg: args.svg ?? false })
  },
})
