/** `./lab status`: what there is of the lab now, on one screen and within seconds; also when much of it is dead. */

import { defineCommand } from 'citty'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { healthExitCode } from '../health/exit-code.ts'
import { type CloudStatus, readCloud } from '../health/status/cloud.ts'
import { type NodeStatus, readDomains, readNode, unitsOf } from '../health/status/nodes.ts'
import { showStatus } from '../health/status/text.ts'
import { findTroubles, type Trouble } from '../health/status/troubles.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { watchStatus } from './status-watch.ts'

export interface Status {
  /** Null where this checkout has no lab. */
  lab: Pick<Lab, 'id' | 'name' | 'hypervisor' | 'isolation'> | null
  /** Every node answers, every unit is active, every endpoint and agent is good, the lab's own instance is ACTIVE. */
  healthy: boolean
  /** What is not well, each with where to look; the cause before its consequences. */
  troubles: Trouble[]
  nodes: NodeStatus[]
  /** Absent where no node is running: there is nothing to ask. */
  cloud?: CloudStatus
}

/** Users' failures are not the lab's. */
export const isHealthy = (troubles: readonly Trouble[]) => troubles.every(({ ofUser }) => ofUser)

/** Reads everything side by side. What does not answer in time is part of the status, not an error. */
export async function readStatus(lab: Lab): Promise<Status> {
  if (!readIdentity(lab.root)) return { lab: null, healthy: false, troubles: [], nodes: [] }
  const { id, name, hypervisor, isolation } = lab
  // An emulated node answers late: status is then slower as well, rather than wrong.
  const seconds = 2 * Math.min(lab.timeScale, 20)
  const about = { domains: readDomains(lab, seconds / 2), units: unitsOf(lab), timeoutSeconds: seconds }
  const [asked, ...nodes] = await Promise.all([
    readCloud(lab, seconds),
    ...lab.nodes.map((node) => readNode(lab, node, about)),
  ])
  const running = nodes.some(({ state }) => state === 'running' || state === 'unknown')
  const cloud = running ? asked : undefined
  const troubles = findTroubles(nodes, cloud)
  const status = { lab: { id, name, hypervisor, isolation }, healthy: isHealthy(troubles), troubles, nodes }
  return cloud ? { ...status, cloud } : status
}

export default defineCommand({
  meta: {
    name: 'status',
    description:
      'The lab on one screen. Exit code 0: all of it is well; 1: something is not, or there is no lab; 3: the lab is well, an instance or a volume of a user is not.',
  },
  args: {
    json: { type: 'boolean', description: 'one JSON document on stdout' },
    watch: { type: 'boolean', description: 'again and again until Ctrl-C' },
  },
  async run({ args }) {
    const lab = loadLab(checkout)
    const read = async () => {
      const status = await readStatus(lab)
      process.exitCode = healthExitCode(status.healthy, status.troubles.length > 0)
      return args.json ? JSON.stringify(status, null, args.watch ? 0 : 2) : showStatus(status, process.stdout.columns)
    }
    if (args.watch) await watchStatus(read)
    else print(await read())
  },
})
