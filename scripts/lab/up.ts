/** `./lab up`: prepare this machine, then deploy and verify where the lab can be reached. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineCommand } from 'citty'
import { freshName, readSaves } from '../checkpoint/saves.ts'
import type { Declaration } from '../declaration/declaration.ts'
import { type Identity, readIdentity } from '../declaration/identity.ts'
import { hypervisors, type Lab } from '../declaration/lab.ts'
import { loadDeclaration, loadLabToRemove } from '../declaration/load.ts'
import { prepare } from '../host/prepare.ts'
import { confirmRemoval, removeLab } from '../host/removal.ts'
import { showChain, showTimings } from '../insight/report/timing-table.ts'
import { withLock } from '../run/lock.ts'
import { enterLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { steadyNow } from '../run/progress/clock.ts'
import type { Outcome } from '../run/progress/display.ts'
import { isStopping, StoppedError, stoppedExitCode, wasStopped } from '../run/progress/stop.ts'
import {
  collectedSteps,
  collectSteps,
  machineTimingsFile,
  readTimings,
  type Timings,
  thisMachine,
  timingsFile,
  writeTimings,
} from '../run/progress/timings.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { showDuration } from '../terminal/amounts.ts'
import { tell } from '../terminal/print.ts'
import { terraformNames } from '../terraform/facts.ts'
import { checkout } from './checkout.ts'
import { howToGetIn } from './how-to-get-in.ts'
import { save } from './save.ts'
import { sayStopping } from './stopping.ts'

/** Whole: every service was made in this run, so that another machine's `plan` could reckon with it. */
const isWhole = (lab: Lab, timings: Timings) =>
  Object.entries(lab.services).every(([service, on]) => !on || timings.steps.some((step) => step.name === service))

function keepTimings(lab: Lab, begun: Date, outcome: Outcome): Timings {
  const timings: Timings = {
    begun: begun.toISOString(),
    ended: new Date(steadyNow()).toISOString(),
    outcome,
    hypervisor: lab.hypervisor,
    machine: thisMachine(),
    steps: collectedSteps(),
  }
  writeTimings(timingsFile(lab.root), timings)
  if (outcome === 'done' && isWhole(lab, timings)) {
    writeTimings(machineTimingsFile(lab.paths.cache, lab.hypervisor), timings)
  }
  return timings
}

/** Gives the exit code of the half inside the lab, which speaks for itself. */
async function deploy(lab: Lab): Promise<number> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  return enterLab(lab, ownProgram(main, 'deploy'))
}

/** A report that cannot be made is no reason for a lab to have failed. */
async function report(lab: Lab): Promise<void> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const exitCode = await enterLab(lab, ownProgram(main, 'report', '--kept'))
  if (exitCode !== 0) tell('report: could not be written; try ./lab report')
}

/** Loaded only where it is asked for: the services' data is not needed to start Terraform. */
async function describeChain(lab: Lab, timings: Timings): Promise<string> {
  const [{ loadSecrets }, { criticalPath }, { serviceNeeds }] = await Promise.all([
    import('../declaration/secrets.ts'),
    import('../insight/report/critical-path.ts'),
    import('../services/needs.ts'),
  ])
  return showChain(criticalPath(timings.steps, serviceNeeds(lab, loadSecrets(lab.root))))
}

/** What `lab_checkpoint` asks for, of a lab that was built just now; nothing where there is a save `fresh` of it. */
async function saveFresh(lab: Lab): Promise<number> {
  if (!lab.checkpoint || readTimings(timingsFile(checkout))?.outcome === 'done') return 0
  if (readSaves(checkout).some(({ id, name }) => id === lab.id && name === freshName)) return 0
  return save(freshName)
}

function outcomeOf(exitCode: number): Outcome {
  if (isStopping() || exitCode === stoppedExitCode) return 'stopped'
  return exitCode === 0 ? 'done' : 'failed'
}

interface UpOptions {
  hypervisor?: string | undefined
  terraform?: string | undefined
  timings?: boolean | undefined
  evict?: boolean | undefined
  rebuild?: boolean | undefined
}

/**
 * A lab that replaces another one takes over what the options of its first `up` chose, unless it is declared or chosen again;
 * a program as long as it is there.
 */
export function keepChoices(
  wishes: Pick<UpOptions, 'hypervisor' | 'terraform'>,
  declared: Declaration['hypervisor'],
  { hypervisor, terraform }: Pick<Identity, 'hypervisor' | 'terraform'>,
): Pick<UpOptions, 'hypervisor' | 'terraform'> {
  return {
    hypervisor: wishes.hypervisor ?? (declared === 'auto' ? hypervisor : undefined),
    terraform: wishes.terraform ?? (existsSync(terraform.path) ? terraform.name : undefined),
  }
}

/** Gives the exit code. The caller holds the lock. */
export async function up(wishes: UpOptions): Promise<number> {
  const { timings: chain, evict = false, rebuild = false } = wishes
  const begun = new Date(steadyNow())
  let inside = false
  sayStopping('up', () => !inside)
  const progress = terminalProgress()
  const old = rebuild ? readIdentity(checkout) : undefined
  const { hypervisor, terraform } = old ? keepChoices(wishes, loadDeclaration(checkout).hypervisor, old) : wishes
  if (old) {
    const target = { lab: loadLabToRemove(checkout), orphan: false }
    if (!(await removeLab(target, progress))) return 1
  }
  const succeededBefore = readTimings(timingsFile(checkout))?.outcome === 'done'
  collectSteps(checkout)
  const options = {
    progress,
    evict,
    ...(hypervisor ? { hypervisor: hypervisor as never } : {}),
    ...(terraform ? { terraform: terraform as never } : {}),
  }
  const lab = await prepare(checkout, options).catch(async (error: unknown) => {
    throw (await wasStopped()) ? new StoppedError() : error
  })
  inside = true
  const deployed = await deploy(lab)
  const exitCode = deployed === 0 ? await saveFresh(lab) : deployed
  const outcome = outcomeOf(exitCode)
  const timings = keepTimings(lab, begun, outcome)
  if (outcome === 'stopped') throw new StoppedError()
  // After a failure the error is what matters; the times are in .lab/timings.json anyway.
  const made = timings.steps.some(({ stack, name }) => stack === 'services' && name !== 'whole')
  if (outcome === 'done' && made) tell(`\n${showTimings(timings, process.stderr.columns)}`)
  if (chain) tell(`\n${await describeChain(lab, timings)}`)
  if (made && outcome === 'done') await report(lab)
  if (outcome === 'done' && !succeededBefore) tell(`\n${howToGetIn(lab)}`)
  const took = showDuration(steadyNow() - begun.getTime())
  tell(outcome === 'done' ? `\nup: done in ${took}` : `\nup: failed after ${took}; ./lab up continues from here`)
  return exitCode
}

/** Without a lab there is nothing to remove, and nothing to ask. */
async function mayRebuild(): Promise<boolean> {
  return !readIdentity(checkout) || confirmRemoval(loadLabToRemove(checkout), './lab up --rebuild')
}

export default defineCommand({
  meta: {
    name: 'up',
    description: 'Builds the lab, or updates it to match ansible-vars/, and verifies it. Safe to repeat.',
  },
  args: {
    hypervisor: {
      type: 'enum',
      options: ['auto', ...hypervisors],
      description: 'kind of node, instead of lab_hypervisor; cannot change after the first up',
    },
    terraform: {
      type: 'enum',
      options: [...terraformNames],
      description: 'program to build with, instead of the first one found; cannot change after the first up',
    },
    timings: { type: 'boolean', description: 'also print the critical path: the steps that decided how long it took' },
    evict: {
      type: 'boolean',
      description: 'move the servers off a compute node that was removed from hosts.yml, instead of refusing',
    },
    rebuild: {
      type: 'boolean',
      description: 'ask, remove the lab with everything in it, then build a new one with the same kind of node',
    },
    yes: { type: 'boolean', description: 'with --rebuild: do not ask' },
    verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    // What is declared wrong is refused while the lab that would be removed still stands.
    if (args.rebuild) loadDeclaration(checkout)
    if (args.rebuild && !args.yes && !(await mayRebuild())) {
      tell('up: canceled, nothing was changed')
      process.exitCode = 1
      return
    }
    process.exitCode = await withLock(checkout, () => up(args))
  },
})
