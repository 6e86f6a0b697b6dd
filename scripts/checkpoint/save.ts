/** Saves a whole lab at one moment: its nodes are shut down in order, kept, and started again. */

import { LabError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { bringNodesUp } from '../host/bring-up.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { readDomains } from '../libvirt/domains.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { stopNodes } from '../nodes/power.ts'
import { type Machine, readMachine } from '../nodes/vm-memory.ts'
import { asRoot } from '../run/as-root.ts'
import { savesPaths } from '../run/paths.ts'
import type { Progress } from '../run/progress.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { packHostFiles } from './host-files.ts'
import { describeNetworks } from './networks.ts'
import { checkSaveName, readSaves, readUnreadable, type Save, saveFormat, writeSave } from './saves.ts'
import { removeSaves } from './tidy.ts'

/** Throws LabError where this lab cannot be saved under this name. */
export function checkSave(lab: Lab, name: string): void {
  checkSaveName(name)
  const taken = [...readSaves(lab.root), ...readUnreadable([lab.id])]
  if (taken.some((save) => save.name === name && save.id === lab.id)) {
    const remedy = `./lab save --delete ${name}, or choose another name`
    throw new LabError([{ where: `save ${name}`, given: 'already exists', allowed: 'a new name', remedy }])
  }
}

/**
 * To be called inside the lab, under its lock. A lab that runs is started again, also after an error; killed at any moment,
 * it is whole, and `./lab start` starts it. The save is listed once it is whole. Gives whether the lab runs.
 */
export async function saveLab(lab: Lab, name: string, progress: Progress): Promise<boolean> {
  checkSave(lab, name)
  const { checkpoint } = kindOf(lab)
  const partial = savesPaths(lab).of(`.${name}.partial`)
  const running = await runningNodes(lab)
  try {
    await progress.step('prepare the save', async () => {
      await removeSaves(lab)
      await beginSave(lab, partial)
      await checkpoint.prepare(lab, partial)
    })
    const { freeze } = checkpoint
    if (freeze) await progress.step('hold the nodes and keep their memory', () => freeze(lab, running))
    else await stopNodes(lab, progress)
    const memory = freeze && running.length > 0 ? await readMachine() : undefined
    await progress.step(`save ${name}`, async () => {
      await checkpoint.keep(lab, partial)
      await endSave(lab, name, { partial, memory })
    })
  } catch (error) {
    // What was copied so far may have taken the room that the nodes need to start.
    await removeSaves(lab).catch(() => {})
    throw error
  } finally {
    await bringNodesUp(lab, progress, running)
  }
  return running.length > 0
}

async function runningNodes(lab: Lab): Promise<LabNode[]> {
  const domains = await readDomains(lab)
  const isRunning = (node: LabNode) =>
    domains.some(({ name, running }) => running && name === domainName(lab, node.name))
  return lab.nodes.filter(isRunning)
}

/** What can be saved while the nodes run: nobody changes it while we hold the lock. */
async function beginSave(lab: Lab, partial: string): Promise<void> {
  const { base, saves } = savesPaths(lab)
  const networks = await describeNetworks(lab, partial)
  const files = Object.entries(networks).map(
    ([path, content]) => `printf %s ${shellQuote(content)} >${shellQuote(path)}`,
  )
  const folders = [`${base}/..`, base, saves, partial].map(shellQuote).join(' ')
  await asRoot('begin the save', `install -d -m 0755 ${folders}\n${files.join('\n')}`)
  await packHostFiles(lab.root, partial)
}

interface Made {
  partial: string
  memory: Machine | undefined
}

async function endSave(lab: Lab, name: string, { partial, memory }: Made): Promise<void> {
  const { of, saves, layers } = savesPaths(lab)
  const save: Save = {
    format: saveFormat,
    name,
    id: lab.id,
    lab: lab.name,
    root: lab.root,
    created: new Date().toISOString(),
    hypervisor: lab.hypervisor,
    isolation: lab.isolation,
    imageDigest: lab.imageDigest,
    nodes: lab.nodes.map((node) => node.name),
    bytes: 0,
    ...(memory ? { memory } : {}),
  }
  await asRoot(
    'end the save',
    `partial=${shellQuote(partial)}
shopt -s nullglob
lists=(${shellQuote(saves)}/*/nodes/*) newest=("$partial")
earlier=" $(cat /dev/null "\${lists[@]}" | tr '\\n' ' ') "
for layer in $(cat "$partial"/nodes/* | sort -u); do
  case $earlier in *" $layer "*) ;; *) newest+=(${shellQuote(layers)}/"$layer") ;; esac
done
# The image of virtual machines is the lab's own, with a second name.
bytes=$(du -scB1 --exclude="$partial/pool" "\${newest[@]}" | tail -n 1 | cut -f 1)
${writeSave(save, partial)}
sync checkout.tar
mv -T "$partial" ${shellQuote(of(name))}`,
  )
}
