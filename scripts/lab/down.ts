/** `./lab down`: removes the lab whatever its condition, and proves that nothing is left. */

import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { defineCommand } from 'citty'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLabOfId, loadLabToRemove } from '../declaration/load.ts'
import { LabError } from '../errors.ts'
import { describeInventory, type Inventory } from '../host/inventory.ts'
import { readLibvirtFacts } from '../host/libvirt-facts.ts'
import { withLock } from '../host/lock.ts'
import { sweep } from '../host/sweep.ts'
import { showDuration } from '../progress/row.ts'
import { beVerbose } from '../progress/trace.ts'
import { type Progress, terminalProgress } from '../progress.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'
import { stackNames, stateFile } from './terraform-run.ts'

/** What is to be removed: the lab of this checkout, or what one left whose checkout is gone. */
interface Target {
  lab: Lab
  orphan: boolean
}

async function findTarget(id: string | undefined): Promise<Target | undefined> {
  const own = readIdentity(checkout)
  if (id === undefined || id === own?.id) return own && { lab: loadLabToRemove(checkout), orphan: false }
  const { owners, orphans } = await readLibvirtFacts()
  if (orphans.includes(id)) return { lab: loadLabOfId(checkout, id), orphan: true }
  const allowed = orphans.join(', ') || 'nothing: no lab without a checkout is left here'
  const owner = owners[id]
  const given = owner ? `${id}, the lab of ${owner}` : `${id}, which is no lab of this machine`
  throw new LabError([
    { where: './lab down --id', given, allowed, ...(owner ? { remedy: `cd ${owner} && ./lab down` } : {}) },
  ])
}

/**
 * A cloud that is about to vanish is not emptied, and services have nothing on this machine: only libvirt's objects
 * and the sweep's are removed. The states are set aside first, so that a run killed here is not taken for a living lab.
 */
async function remove({ lab, orphan }: Target, progress: Progress): Promise<Inventory> {
  for (const state of orphan ? [] : stackNames.map((stack) => stateFile(lab, stack))) {
    if (existsSync(state)) await rename(state, `${state}.set-aside`)
  }
  return progress.step('remove the lab', (note) => sweep(lab, progress, note), { stack: 'down', name: 'sweep' })
}

async function confirm(lab: Lab): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new LabError([
      { where: './lab down', given: 'no terminal to ask on', allowed: 'a confirmation', remedy: 'add --yes' },
    ])
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(
      `Remove lab ${lab.name} (${lab.id}) with all its nodes, instances and volumes? [y/N] `,
    )
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}

export default defineCommand({
  meta: {
    name: 'down',
    description:
      'Removes the lab with all in it, and proves that nothing is left. Works on a half-built or broken lab.',
  },
  args: {
    id: { type: 'string', valueHint: 'lab id', description: 'what a lab left whose checkout is gone, by its id' },
    yes: { type: 'boolean', description: 'do not ask' },
    verbose: { type: 'boolean', description: 'show every command that is run' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    const target = await findTarget(args.id)
    if (!target) {
      console.error('down: there is no lab here (.lab/lab.json is missing); nothing to remove')
      return
    }
    const { lab, orphan } = target
    if (!args.yes && !(await confirm(lab))) {
      console.error('down: left as it is')
      process.exitCode = 1
      return
    }
    const started = performance.now()
    sayStopping('down')
    const removing = () => remove(target, terminalProgress())
    // What is left of another lab is none of this checkout's, whose own lab may be busy meanwhile.
    const list = describeInventory(await (orphan ? removing() : withLock(checkout, removing)))
    if (list.length > 0) {
      console.error(`down: still here, carrying lab id ${lab.id}:\n${list.map((item) => `  ${item}`).join('\n')}`)
      process.exitCode = 1
      return
    }
    if (!orphan) await rm(lab.paths.state, { recursive: true, force: true })
    console.error(`down: nothing is left of lab ${lab.name} (${lab.id}); ${showDuration(performance.now() - started)}`)
  },
})
