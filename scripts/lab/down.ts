/** `./lab down`: removes the lab in any condition and checks that nothing is left. */

import { defineCommand } from 'citty'
import { LabError, UsageError } from '../declaration/errors.ts'
import { readIdentity } from '../declaration/identity.ts'
import { loadLabOfId, loadLabToRemove } from '../declaration/load.ts'
import { confirmRemoval, removeLab, type Target } from '../host/removal.ts'
import { readLibvirtFacts } from '../libvirt/facts.ts'
import { withLock } from '../run/lock.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { tell } from '../terminal/print.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'

async function findTarget(id: string | undefined): Promise<Target | undefined> {
  const own = readIdentity(checkout)
  if (own && (id === undefined || id === own.id)) return { lab: loadLabToRemove(checkout), orphan: false }
  if (id === undefined) return findLost()
  const { owners, orphans } = await readLibvirtFacts()
  if (orphans.includes(id)) return { lab: loadLabOfId(checkout, id), orphan: true }
  const allowed = orphans.join(', ') || 'nothing: no lab on this machine has lost its checkout'
  const owner = owners[id]
  const given = owner ? `${id}, the lab of ${owner}` : `${id}, but this machine has no such lab`
  throw new UsageError([
    { where: './lab down --id', given, allowed, ...(owner ? { remedy: `cd ${shellQuote(owner)} && ./lab down` } : {}) },
  ])
}

/** Without .lab/lab.json the lab is there anyway; its folder on this machine tells whose it was. */
async function findLost(): Promise<undefined> {
  const { owners, orphans } = await readLibvirtFacts()
  const lost = orphans.filter((id) => owners[id] === checkout)
  if (lost.length === 0) return undefined
  const given = `missing, but lab ${lost.join(', ')} of this checkout is still on this machine`
  const remedy = lost.map((id) => `./lab down --id ${id}`).join(' && ')
  throw new LabError([{ where: '.lab/lab.json', given, allowed: 'the file that the first ./lab up wrote', remedy }])
}

export default defineCommand({
  meta: {
    name: 'down',
    description:
      'Removes the lab with everything in it and checks that nothing is left. Works on a half-built or broken lab.',
  },
  args: {
    id: {
      type: 'string',
      valueHint: 'lab id',
      description: 'remove what is left of a lab whose checkout is gone, by its id',
    },
    yes: { type: 'boolean', description: 'do not ask' },
    verbose: { type: 'boolean', description: 'show every command that runs' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    const target = await findTarget(args.id)
    if (!target) {
      tell('down: there is no lab here (.lab/lab.json is missing); nothing to remove')
      return
    }
    if (!args.yes && !(await confirmRemoval(target.lab, './lab down'))) {
      tell('down: canceled, nothing was changed')
      process.exitCode = 1
      return
    }
    sayStopping('down')
    const removing = () => removeLab(target, terminalProgress())
    // What is left of another lab is none of this checkout's, whose own lab may be busy meanwhile.
    if (await (target.orphan ? removing() : withLock(checkout, removing, { last: true }))) return
    process.exitCode = 1
  },
})
