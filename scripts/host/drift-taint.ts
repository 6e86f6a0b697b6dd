/** Taints services that differ on their nodes, which Terraform cannot see, so that the next deploy repairs them. */

import { fileURLToPath } from 'node:url'
import { controllerOf, type Lab, type LabNode } from '../declaration/lab.ts'
import { serviceNames } from '../declaration/service-profiles.ts'
import { healingKinds } from '../engine/operation.ts'
import { domainName } from '../libvirt/domain-name.ts'
import type { Inventory } from '../libvirt/inventory.ts'
import { expectProgram, runInside } from '../run/inside-program.ts'
import { insideLab } from '../run/namespace.ts'
import { isStopping, StoppedError, untilStopped } from '../run/progress/stop.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { poll } from '../run/wait-for.ts'
import { readState, taint } from '../terraform/state.ts'
import { forgetOutbound } from './outbound.ts'
import { repairVlanInterface } from './vlan-interface.ts'

export interface DriftOptions {
  progress: Progress
  /** Nodes have just been started: what does not answer yet is waited for, and no drift. */
  booting: boolean
}

const bootingFlag = '--booting'

/**
 * Only where services were deployed: a first deploy has no drift. Where the controller is still to be made or started,
 * as after the loss of the state of `nodes`, all of them are looked at again, or the cloud would be asked before they
 * answer. A dead compute node has no answer to compare.
 * The nodes are asked from where they can be reached: in a namespace, by this file run as a program.
 */
export async function taintDrift(
  lab: Lab,
  inventory: Pick<Inventory, 'domains'>,
  { progress, booting }: DriftOptions,
): Promise<void> {
  const running = new Set(inventory.domains.filter((one) => one.running).map(({ name }) => name))
  const runs = ({ name }: LabNode) => running.has(domainName(lab, name))
  const deployed = deployedServices(lab)
  if (deployed.length === 0) return
  if (!runs(controllerOf(lab))) return taintServices(lab, deployed)
  if (!lab.nodes.every(runs)) return
  if (insideLab(lab)) return taintDifferences(lab, { progress, booting })
  const step = { step: 'compare the nodes', paste: './lab plan' }
  await expectProgram(lab, step, import.meta.filename, ...(booting ? [bootingFlag] : []))
}

/** Services in Terraform's state that the next deploy would not touch by itself. */
function deployedServices(lab: Lab): string[] {
  const names = new Set<string>(serviceNames)
  return readState(lab, 'services')
    .filter(({ type, name, tainted }) => type === 'terraform_data' && names.has(name) && !tainted)
    .map(({ name }) => name)
}

async function taintDifferences(lab: Lab, { progress, booting }: DriftOptions): Promise<void> {
  await repairVlanInterface(lab)
  await forgetOutbound(lab)
  // Imported here: a first deploy does not load the engine.
  const { readDrift } = await import('../services/drift.ts')
  const deployed = new Set(deployedServices(lab))
  const differing = await progress.step('compare the nodes with the declaration', async (note) => {
    const read = async () =>
      [...(await readDrift(lab))].filter(([name, changes]) => deployed.has(name) && changes.length > 0)
    const polling = {
      timeoutSeconds: booting ? timeouts.nodes.services.seconds : 0,
      pauseSeconds: 3,
      longestPauseSeconds: 15,
    }
    const isAwake = (found: Awaited<ReturnType<typeof read>>) => {
      const waking = found.filter(([, changes]) => changes.every(({ kind }) => healingKinds.has(kind)))
      if (booting && waking.length > 0)
        note(`the nodes have just been started · waiting for ${waking.map(([name]) => name).join(', ')}`)
      return waking.length === 0
    }
    return (await poll(lab, { ...polling, stoppable: true }, read, isAwake)).seen
  })
  // What Ctrl-C cut off looks like a node that does not answer, and would be taken for drift.
  if (isStopping()) throw new StoppedError()
  for (const [name, changes] of differing) {
    for (const { node, title, reason } of changes) progress.line(`    ${name}: ${node}: ${title}: ${reason}`)
  }
  await taintServices(
    lab,
    differing.map(([name]) => name),
  )
}

const taintServices = (lab: Lab, names: readonly string[]) =>
  taint(
    lab,
    'services',
    names.map((name) => `terraform_data.${name}`),
  )

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runInside((lab, progress) =>
    untilStopped(taintDifferences(lab, { progress, booting: process.argv.includes(bootingFlag) })),
  )
