/**
 * Nodes that Terraform takes for running although they are not, as after a reboot of this machine, and those that a command
 * which was killed holds, or has told to shut down.
 */

import { join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { readDomains } from '../libvirt/domains.ts'
import type { Inventory } from '../libvirt/inventory.ts'
import { isEnding } from '../nodes/domain.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { enterProgram } from '../run/inside-program.ts'
import { readState } from '../terraform/state.ts'

type Running = Pick<Inventory, 'domains'>

/** Which domains there are then, and the names of the nodes that had to be started. */
export type Started = Running & { started: readonly string[] }

/**
 * Pure, but for the state and the marks of nodes. Virtual machines that are just off are none of these: the provider sees
 * them, and they may have to be made anew.
 */
export function findStopped(lab: Lab, { domains }: Running, held: readonly LabNode[]): LabNode[] {
  const { byProvider } = kindOf(lab)
  const running = new Set(domains.filter((one) => one.running).map(({ name }) => name))
  const deployed = new Set(
    readState(lab, 'nodes')
      .filter(({ type, tainted }) => type === 'terraform_data' && !tainted)
      .map(({ name }) => name),
  )
  return lab.nodes.filter((node) => {
    const runs = running.has(domainName(lab, node.name))
    return held.includes(node) || (runs && isEnding(lab, node)) || (!byProvider && deployed.has(node.name) && !runs)
  })
}

/** Starts them with their files kept; gives the domains as they are then. */
export async function startStopped(lab: Lab, inventory: Running): Promise<Started> {
  const held = (await kindOf(lab).checkpoint.findHeld?.(lab)) ?? []
  const stopped = findStopped(lab, inventory, held).map(({ name }) => name)
  if (stopped.length === 0) return { domains: inventory.domains, started: [] }
  const exitCode = await enterProgram(lab, join(lab.root, 'scripts/start-nodes.ts'), ...stopped)
  if (exitCode !== 0) throw new LabError([notStarted(stopped)])
  return { domains: await readDomains(lab), started: stopped }
}

const notStarted = (nodes: readonly string[]) => ({
  where: nodes.join(', '),
  given: 'does not start; see the reason above',
  allowed: 'a node that answers',
  remedy: './lab doctor',
})
