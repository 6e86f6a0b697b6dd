/** `./lab down`: removes the lab in any condition and checks that nothing is left. */

import { defineCommand } from 'citty'
import { readSaves, readUnreadable } from '../checkpoint/saves.ts'
import { countSaves, describeKept } from '../checkpoint/text.ts'
import { removeSaves } from '../checkpoint/tidy.ts'
import { finishBegun } from '../checkpoint/unfinished.ts'
import { LabError, UsageError } from '../declaration/errors.ts'
import { readIdentity } from '../declaration/identity.ts'
import { loadLabOfId, loadLabToRemove } from '../declaration/load.ts'
import { confirm, confirmRemoval, removeLab, type Target } from '../host/removal.ts'
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

/** Of labs that were removed before. */
async function settleSaves(purge: boolean, yes: boolean): Promise<void> {
  await finishBegun(checkout, terminalProgress())
  const readable = readSaves(checkout)
  if (readable.length === 0) return
  const unreadable = readUnreadable(readable.map(({ id }) => id))
  if (!purge)
    return tell(
      describeKept(
        readable,
        unreadable.map(({ path }) => path),
      ),
    )
  const saves = [...readable, ...unreadable]
  if (!yes && !(await confirm(`Remove ${saves.map(({ name }) => name).join(', ')}?`, './lab down --purge'))) return
  for (const { id, name } of saves) await removeSaves(loadLabOfId(checkout, id), [name])
  tell(`down: ${countSaves(saves.length)} removed`)
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
    purge: { type: 'boolean', description: 'also remove the saves of this lab, which are kept otherwise' },
    yes: { type: 'boolean', description: 'do not ask' },
    verbose: { type: 'boolean', description: 'show every command that runs' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    const target = await findTarget(args.id)
    if (!target) {
      tell('down: there is no lab here (.lab/lab.json is missing); nothing to remove')
      await withLock(checkout, () => settleSaves(args.purge ?? false, args.yes ?? false), { last: true })
      return
    }
    if (!args.yes && !(await confirmRemoval(target.lab, './lab down'))) {
      tell('down: canceled, nothing was changed')
      process.exitCode = 1
      return
    }
    sayStopping('down')
    const removing = () => removeLab({ ...target, purge: args.purge ?? false }, terminalProgress())
    // What is left of another lab is none of this checkout's, whose own lab may be busy meanwhile.
    if (await (target.orphan ? removing() : withLock(checkout, removing, { last: true }))) return
    process.exitCode = 1
  },
})
