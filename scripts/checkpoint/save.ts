/** Saves a whole lab at one moment: its nodes are shut down in order, kept, and started again. */

import { LabError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { bringNodesUp } from '../host/bring-up.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { readDomains } from '../libvirt/domains.ts'
import { kindOf } from '../nodes/kind-of.ts'
import type { Checkpoint } from '../nodes/node-kind.ts'
import { stopNodes } from '../nodes/power.ts'
import { savesPaths } from '../run/paths.ts'
import type { Progress } from '../run/progress.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { asRoot } from './as-root.ts'
import { packHostFiles } from './host-files.ts'
import { describeNetworks } from './networks.ts'
import { checkSaveName, readSaves, readUnreadable, type Save, saveFormat } from './saves.ts'
import { removeSaves } from './tidy.ts'

/** Throws LabError for nodes that cannot be saved. */
export function checkpointOf(lab: Pick<Lab, 'hypervisor'>, where: string): Checkpoint {
  const { checkpoint } = kindOf(lab)
  if (checkpoint) return checkpoint
  const given = `its nodes are virtual machines (${lab.hypervisor}), which cannot be saved yet`
  const remedy = './lab stop keeps the lab as it is until ./lab start; ./lab up --rebuild makes a fresh one'
  throw new LabError([{ where, given, allowed: 'a lab of containers (lab_hypervisor: lxc)', remedy }])
}

/** Throws LabError where this lab cannot be saved under this name. */
export function checkSave(lab: Lab, name: string): Checkpoint {
  checkSaveName(name)
  const checkpoint = checkpointOf(lab, './lab save')
  const taken = [...readSaves(lab.root), ...readUnreadable([lab.id])]
  if (taken.some((save) => save.name === name && save.id === lab.id)) {
    const remedy = `./lab save --delete ${name}, or choose another name`
    throw new LabError([{ where: `save ${name}`, given: 'already exists', allowed: 'a new name', remedy }])
  }
  return checkpoint
}

/**
 * To be called inside the lab, under its lock. A lab that runs is started again, also after an error; killed at any moment,
 * it is whole, and `./lab start` starts it. The save is listed once it is whole. Gives whether the lab runs.
 */
export async function saveLab(lab: Lab, name: string, progress: Progress): Promise<boolean> {
  const checkpoint = checkSave(lab, name)
  const partial = savesPaths(lab).of(`.${name}.partial`)
  const running = await runningNodes(lab)
  try {
    await progress.step('prepare the save', async () => {
      await removeSaves(lab)
      await beginSave(lab, partial)
      await checkpoint.prepare(lab)
    })
    await stopNodes(lab, progress)
    await progress.step(`save ${name}`, async () => {
      await checkpoint.keep(lab, partial)
      await endSave(lab, name, partial)
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

async function endSave(lab: Lab, name: string, partial: string): Promise<void> {
  const { of, layers } = savesPaths(lab)
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
  }
  const [before, after] = JSON.stringify(save).split('"bytes":0')
  await asRoot(
    'end the save',
    `partial=${shellQuote(partial)}
newest=("$partial")
for list in "$partial"/nodes/*; do read -r layer <"$list"; newest+=(${shellQuote(layers)}/"$layer"); done
bytes=$(du -scB1 "\${newest[@]}" | tail -n 1 | cut -f 1)
printf '%s"bytes":%s%s\\n' ${shellQuote(before!)} "$bytes" ${shellQuote(after!)} >"$partial/save.json"
chmod 0644 "$partial/save.json"
sync "$partial"/save.json "$partial"/checkout.tar
mv -T "$partial" ${shellQuote(of(name))}`,
  )
}
