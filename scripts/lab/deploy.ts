/** The second half of `./lab up`, run where the lab can be reached: the three stacks, then verify. */

import { defineCommand } from 'citty'
import { removeStrayObjects } from '../cloud/leftovers.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { terminalProgress } from '../progress.ts'
import { checkout } from './checkout.ts'
import { type Changes, runStack, stackNames, synthesize } from './terraform-run.ts'
import { showObservations, verify } from './verify.ts'

const total = (changes: Changes[]) =>
  changes.reduce((sum, one) => ({
    add: sum.add + one.add,
    change: sum.change + one.change,
    remove: sum.remove + one.remove,
  }))

async function deployStacks(lab: Lab): Promise<Changes> {
  const progress = terminalProgress()
  await progress.step('synthesize the stacks', () => synthesize(lab))
  const changes: Changes[] = []
  for (const stack of stackNames) {
    if (stack === 'cloud') await removeStrayObjects(lab, loadSecrets(lab.root))
    const done = await runStack(lab, stack, 'apply')
    progress.line(`  ${stack}: ${done.add} added, ${done.change} changed, ${done.remove} destroyed`)
    changes.push(done)
  }
  return total(changes)
}

function howToGetIn(lab: Lab): string {
  return [
    '',
    'How to get in:',
    '  ./lab openstack server list        the OpenStack client, as admin',
    `  ./lab ssh ${lab.nodes[0]?.name}               a shell on a node (${lab.nodes.map((node) => node.name).join(', ')})`,
    '  ./lab status                       what runs where',
    '  ./lab exec -- COMMAND              any program where the lab can be reached',
    '  ./lab down                         removes it all',
  ].join('\n')
}

export default defineCommand({
  meta: { name: 'deploy', description: 'The part of `up` after prepare.', hidden: true },
  async run() {
    const lab = loadLab(checkout)
    const changes = await deployStacks(lab)
    const unchanged = changes.add + changes.change + changes.remove === 0
    console.error(`Terraform: ${changes.add} added, ${changes.change} changed, ${changes.remove} destroyed`)
    const observations = await verify(lab, { quick: unchanged })
    console.error(showObservations(observations))
    if (observations.some((observation) => !observation.ok)) process.exitCode = 1
    else console.error(howToGetIn(lab))
  },
})
