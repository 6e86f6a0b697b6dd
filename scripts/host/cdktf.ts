/**
 * What env.cjs runs instead of a bare `cdktf deploy`, `diff` or `destroy`: takes the lock, prepares, then runs cdktf in
 * the lab.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isExpected } from '../declaration/errors.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { describeInventory, describeLeft, readInventory } from '../libvirt/inventory.ts'
import { ensureLibvirtd } from '../libvirt/libvirtd.ts'
import { runExpected } from '../run/expected.ts'
import { expectProgram } from '../run/inside-program.ts'
import { withLock } from '../run/lock.ts'
import { ensureNamespace, enterLab } from '../run/namespace.ts'
import { type Progress, terminalProgress } from '../run/progress.ts'
import { tell } from '../terminal/print.ts'
import { stateFile } from '../terraform/state.ts'
import { terraformEnvironment } from '../terraform/terraform.ts'
import { prepare } from './prepare.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/**
 * What bare cdktf lacks. No stack named means all of them, except for diff, which takes one. The user's own word holds
 * where it is about cdktf alone; without the rest the lab's cloud, program or providers would be others.
 */
export function cdktfEnvironment(lab: Lab, args: readonly string[], given: NodeJS.ProcessEnv): Record<string, string> {
  const { CDKTF_STACKS, ...rest } = terraformEnvironment(lab)
  const namesStack = args.slice(1).some((word) => /^(nodes|services|cloud|\*)$/.test(word))
  const takesAll = args[0] !== 'diff' && args[0] !== 'plan' && !namesStack
  const wanted = takesAll && CDKTF_STACKS ? { ...rest, CDKTF_STACKS } : rest
  const users = ['CDKTF_STACKS', 'CHECKPOINT_DISABLE']
  return Object.fromEntries(
    Object.entries(wanted).filter(([name]) => !users.includes(name) || given[name] === undefined),
  )
}

/** For a destroy only what Terraform needs to speak to: nothing may refuse it, and what cannot be had is only said. */
async function prepareDestroy(progress: Progress): Promise<Lab> {
  const lab = loadLab(root)
  if (!readIdentity(root)) return lab
  try {
    if (lab.isolation === 'netns') await ensureNamespace(lab)
    await ensureLibvirtd(lab)
  } catch (error) {
    if (!isExpected(error)) throw error
    progress.line(`  ${error.message}\n  continuing without it; ./lab down removes the lab in any condition`)
  }
  return lab
}

/**
 * What a killed run left in the cloud is removed from inside the lab, before Terraform meets it as a stranger. Without
 * services in the state there has been no cloud.
 */
async function removeCloudOrphans(lab: Lab): Promise<void> {
  if (!existsSync(stateFile(lab, 'services'))) return
  const step = { step: 'look for orphans', paste: './lab status' }
  await expectProgram(lab, step, join(root, 'scripts/cloud/orphans.ts'))
}

/** Through the APIs, destroy cannot get past a dead cloud or users' objects; it then lists what is left. */
async function sayWhatIsLeft(lab: Lab): Promise<void> {
  const left = describeInventory(await readInventory(lab))
  if (left.length > 0) tell(`destroy: ${describeLeft(lab, left)}\n./lab down removes it in any condition`)
}

async function runCdktf(program: string, args: readonly string[]): Promise<number> {
  const progress = terminalProgress()
  const [verb] = args
  const purpose = verb === 'deploy' || verb === 'apply' ? 'deploy' : 'plan'
  const lab = verb === 'destroy' ? await prepareDestroy(progress) : await prepare(root, { progress, purpose })
  if (purpose === 'deploy') await removeCloudOrphans(lab)
  Object.assign(process.env, cdktfEnvironment(lab, args, process.env), { DUOSTACK_PREPARED: '1' })
  const argv = [process.execPath, program, ...args]
  const known = readIdentity(root) !== undefined
  const exitCode = await enterLab(known ? lab : { ...lab, isolation: 'none' }, argv)
  if (verb === 'destroy' && known && exitCode !== 0) await sayWhatIsLeft(lab)
  return exitCode
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [program = '', ...args] = process.argv.slice(2)
  await runExpected(async () => {
    process.exitCode = await withLock(root, () => runCdktf(program, args))
  })
}
