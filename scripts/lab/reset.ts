/** `./lab reset`: the lab as `up` left it, where `lab_checkpoint` has saved it then. */

import { defineCommand } from 'citty'
import { freshName, readSaves } from '../checkpoint/saves.ts'
import { LabError } from '../declaration/errors.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { checkout } from './checkout.ts'
import { restore } from './restore.ts'

const noFresh = () => ({
  where: './lab reset',
  given: `no save ${freshName} of this lab`,
  allowed: `lab_checkpoint: true at the ./lab up that builds the lab, or ./lab save ${freshName}`,
  remedy: './lab up --rebuild makes a new lab',
})

export default defineCommand({
  meta: {
    name: 'reset',
    description: `Brings the lab back to the save ${freshName}, and verifies it. Asks first.`,
  },
  args: {
    yes: { type: 'boolean', description: 'do not ask' },
    verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    if (!readSaves(checkout).some(({ name }) => name === freshName)) throw new LabError([noFresh()])
    process.exitCode = await restore(freshName, { yes: args.yes ?? false, command: './lab reset' })
  },
})
