/** The second half of `./lab up`, run where the lab can be reached: the three stacks, then verify. */

import { defineCommand } from 'citty'
import { removeOrphansOf } from '../cloud/orphans.ts'
import { isExpected } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { explainFailure } from '../health/doctor/after-failure.ts'
import { showObservations } from '../health/verify/text.ts'
import { verify } from '../health/verify/verify.ts'
import { keepVerification } from '../insight/report/gather.ts'
import { untilStopped } from '../run/progress/stop.ts'
import { type Steps, terminalProgress } from '../run/progress.ts'
import { tellScreen } from '../terminal/screen.ts'
import { describeServices } from '../terraform/events.ts'
import { type Changes, runStack, synthesize } from '../terraform/run.ts'
import type { StackName } from '../terraform/state.ts'
import { readOnNodes } from '../workbench/on-nodes.ts'
import { checkout } from './checkout.ts'
import { withPages } from './doc-pages.ts'
import { sayStopping } from './stopping.ts'

const total = (changes: Changes[]) =>
  changes.reduce((sum, one) => ({
    add: sum.add + one.add,
    change: sum.change + one.change,
    remove: sum.remove + one.remove,
  }))

async function deployStacks(lab: Lab, progress: Steps): Promise<Record<StackName, Changes>> {
  await progress.step('synthesize the stacks', () => synthesize(lab))
  const nodes = await runStack(lab, 'nodes', 'apply')
  const services = await runStack(lab, 'services', 'apply')
  await removeOrphansOf(lab, loadSecrets(lab.root))
  return { nodes, services, cloud: await runStack(lab, 'cloud', 'apply') }
}

/** True if every line of verify holds; the others are shown. */
async function deployAndVerify(lab: Lab, progress: Steps): Promise<boolean> {
  const stacks = await deployStacks(lab, progress)
  const { add, change, remove } = total(Object.values(stacks))
  const services = describeServices(stacks.services)
  progress.line(`Terraform: ${add} added, ${change} changed, ${remove} destroyed${services && ` (${services})`}`)
  const quick = add + change + remove === 0
  const [observations, kept] = await Promise.all([
    progress.step(quick ? 'verify the basics' : 'verify', (note) => untilStopped(verify(lab, { quick, note })), {
      stack: 'verify',
      name: quick ? 'basics' : 'all',
    }),
    readOnNodes(lab),
  ])
  if (!quick) keepVerification(lab, observations)
  tellScreen(showObservations(observations, process.stderr.columns))
  for (const line of kept) tellScreen(`kept: ${line}`)
  return observations.every(({ ok }) => ok)
}

export default defineCommand({
  meta: { name: 'deploy', description: 'The part of `up` after prepare.', hidden: true },
  async run() {
    sayStopping('up')
    const progress = terminalProgress()
    const lab = loadLab(checkout)
    try {
      if (await deployAndVerify(lab, progress)) return
    } catch (error) {
      if (!isExpected(error)) throw error
      tellScreen(withPages(error.message, error))
    }
    process.exitCode = 1
    const causes = await progress.step('look for causes', () => untilStopped(explainFailure(lab)))
    if (causes) tellScreen(causes)
  },
})
