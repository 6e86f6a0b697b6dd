/** The second half of `./lab up`, run where the lab can be reached: the three stacks, then verify. */

import { defineCommand } from 'citty'
import { removeStrayObjects } from '../cloud/leftovers.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { untilStopped } from '../progress/stop.ts'
import { type Steps, terminalProgress } from '../progress.ts'
import { keepVerification } from '../report/gather.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'
import { type Changes, runStack, stackNames, synthesize } from './terraform-run.ts'
import { showObservations, verify } from './verify.ts'

const total = (changes: Changes[]) =>
  changes.reduce((sum, one) => ({
    add: sum.add + one.add,
    change: sum.change + one.change,
    remove: sum.remove + one.remove,
  }))

async function deployStacks(lab: Lab, progress: Steps): Promise<Changes> {
  await progress.step('synthesize the stacks', () => synthesize(lab))
  const changes: Changes[] = []
  for (const stack of stackNames) {
    if (stack === 'cloud') await removeStrayObjects(lab, loadSecrets(lab.root))
    changes.push(await runStack(lab, stack, 'apply'))
  }
  return total(changes)
}

export default defineCommand({
  meta: { name: 'deploy', description: 'The part of `up` after prepare.', hidden: true },
  async run() {
    sayStopping('up')
    const progress = terminalProgress()
    const lab = loadLab(checkout)
    const { add, change, remove } = await deployStacks(lab, progress)
    progress.line(`Terraform: ${add} added, ${change} changed, ${remove} destroyed`)
    const quick = add + change + remove === 0
    const observations = await progress.step(
      quick ? 'verify the basics' : 'verify',
      (note) => untilStopped(verify(lab, { quick, note })),
      { stack: 'verify', name: quick ? 'basics' : 'all' },
    )
    if (!quick) keepVerification(lab, observations)
    console.error(showObservations(observations, process.stderr.columns))
    if (observations.some(({ ok }) => !ok)) process.exitCode = 1
  },
})
