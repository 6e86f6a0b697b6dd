/** `./lab up`: prepare this machine, then deploy and verify where the lab can be reached. */

import { fileURLToPath } from 'node:url'
import { defineCommand } from 'citty'
import { hypervisors, type Lab } from '../declaration/lab.ts'
import { withLock } from '../host/lock.ts'
import { enterLab } from '../host/namespace.ts'
import { terraformNames } from '../host/terraform-wanted.ts'
import { prepare } from '../prepare.ts'
import { showDuration } from '../progress/row.ts'
import { isStopping, StoppedError, stoppedExitCode, wasStopped } from '../progress/stop.ts'
import {
  collectedSteps,
  collectSteps,
  machineTimingsFile,
  type Timings,
  thisMachine,
  timingsFile,
  writeTimings,
} from '../progress/timings.ts'
import { beVerbose } from '../progress/trace.ts'
import { type Outcome, terminalProgress } from '../progress.ts'
import { checkout } from './checkout.ts'
import { howToGetIn } from './how-to-get-in.ts'
import { sayStopping } from './stopping.ts'
import { showChain, showTimings } from './timing-table.ts'

/** Whole: every service was made in this run, so that another machine's `plan` could reckon with it. */
const isWhole = (lab: Lab, timings: Timings) =>
  Object.entries(lab.services).every(([service, on]) => !on || timings.steps.some((step) => step.name === service))

function keepTimings(lab: Lab, begun: Date, outcome: Outcome): Timings {
  const timings: Timings = {
    begun: begun.toISOString(),
    ended: new Date().toISOString(),
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
  return enterLab(lab, [process.execPath, ...process.execArgv, main, 'deploy'])
}

/** A report that cannot be made is no reason for a lab to have failed. */
async function report(lab: Lab): Promise<void> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const exitCode = await enterLab(lab, [process.execPath, ...process.execArgv, main, 'report', '--kept'])
  if (exitCode !== 0) console.error('report: could not be made; ./lab report tries again')
}

/** Loaded only where it is asked for: the services' data is not needed to start Terraform. */
async function describeChain(lab: Lab, timings: Timings): Promise<string> {
  const [{ loadSecrets }, { criticalPath }, { serviceNeeds }] = await Promise.all([
    import('../declaration/secrets.ts'),
    import('../report/critical-path.ts'),
    import('../services/needs.ts'),
  ])
  return showChain(criticalPath(timings.steps, serviceNeeds(lab, loadSecrets(lab.root))))
}

function outcomeOf(exitCode: number): Outcome {
  if (isStopping() || exitCode === stoppedExitCode) return 'stopped'
  return exitCode === 0 ? 'done' : 'failed'
}

interface Choices {
  hypervisor?: string | undefined
  terraform?: string | undefined
  timings?: boolean | undefined
}

async function up({ hypervisor, terraform, timings: chain }: Choices): Promise<number> {
  const begun = new Date()
  let inside = false
  sayStopping('up', () => !inside)
  collectSteps(checkout)
  const progress = terminalProgress()
  const options = {
    progress,
    ...(hypervisor ? { hypervisor: hypervisor as never } : {}),
    ...(terraform ? { terraform: terraform as never } : {}),
  }
  const lab = await prepare(checkout, options).catch(async (error: unknown) => {
    throw (await wasStopped()) ? new StoppedError() : error
  })
  inside = true
  const exitCode = await deploy(lab)
  const outcome = outcomeOf(exitCode)
  const timings = keepTimings(lab, begun, outcome)
  if (outcome === 'stopped') throw new StoppedError()
  // After a failure the error is what matters; the times stand in .lab/timings.json all the same.
  const made = timings.steps.some(({ stack, name }) => stack === 'services' && name !== 'whole')
  if (outcome === 'done' && made) console.error(`\n${showTimings(timings, process.stderr.columns)}`)
  if (chain) console.error(`\n${await describeChain(lab, timings)}`)
  if (made && outcome === 'done') await report(lab)
  if (outcome === 'done') console.error(`\n${howToGetIn(lab)}`)
  const took = showDuration(Date.now() - begun.getTime())
  console.error(outcome === 'done' ? `\nup: done in ${took}` : `\nup: failed after ${took}; ./lab up goes on from here`)
  return exitCode
}

export default defineCommand({
  meta: {
    name: 'up',
    description: 'Builds the lab, or brings it to what ansible-vars/ declares, and verifies it. Safe to repeat.',
  },
  args: {
    hypervisor: {
      type: 'enum',
      options: ['auto', ...hypervisors],
      description: 'kind of the nodes, in place of lab_hypervisor; fixed by the first up',
    },
    terraform: {
      type: 'enum',
      options: [...terraformNames],
      description: 'build with this program, in place of the first that is found; fixed by the first up',
    },
    timings: { type: 'boolean', description: 'at the end also the chain of steps that decided how long it took' },
    verbose: { type: 'boolean', description: 'show every command that is run, here and on the nodes' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    process.exitCode = await withLock(checkout, () => up(args))
  },
})
