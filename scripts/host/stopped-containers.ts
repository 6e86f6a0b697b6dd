/** Container nodes that Terraform considers running although they are not, as after a reboot of this machine. */

import { join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { readDomains } from '../libvirt/domains.ts'
import type { Inventory } from '../libvirt/inventory.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { enterProgram } from '../run/inside-program.ts'
import type { Progress } from '../run/progress.ts'
import { readState } from '../terraform/state.ts'

type Running = Pick<Inventory, 'domains'>

/** Which domains there are then, and the names of the nodes that had to be started. */
export type Started = Running & { started: readonly string[] }

/** Names of the container nodes that were deployed and do not run. Pure, but for the state. */
function findStopped(lab: Lab, { domains }: Running): string[] {
  if (kindOf(lab).byProvider) return []
  const running = new Set(domains.filter((one) => one.running).map(({ name }) => name))
  const deployed = new Set(
    readState(lab, 'nodes')
      .filter(({ type, tainted }) => type === 'terraform_data' && !tainted)
      .map(({ name }) => name),
  )
  return lab.nodes.map(({ name }) => name).filter((name) => deployed.has(name) && !running.has(`${lab.name}-${name}`))
}

/**
 * Starts them with their files kept, by the same program that Terraform would run; gives the domains as they are then.
 * Virtual machines need none of this: the provider sees that they are off.
 */
export async function startContainers(lab: Lab, inventory: Running, progress: Progress): Promise<Started> {
  const stopped = findStopped(lab, inventory)
  if (stopped.length === 0) return { domains: inventory.domains, started: [] }
  const program = join(lab.root, 'scripts/container.ts')
  await progress.step(`start ${stopped.join(' and ')}, which had stopped`, () =>
    Promise.all(
      stopped.map(async (node) => {
        const exitCode = await enterProgram(lab, program, 'create', node)
        if (exitCode !== 0) throw new LabError([notStarted(node)])
      }),
    ),
  )
  return { domains: await readDomains(lab), started: stopped }
}

const notStarted = (node: string) => ({
  where: node,
  given: 'does not start; see the reason above',
  allowed: 'a node that answers',
  remedy: './lab down && ./lab up',
})
