/** Starts the nodes of a lab that is built, with what belongs to them on this machine. */

import type { Lab, LabNode } from '../declaration/lab.ts'
import { startNodes } from '../nodes/power.ts'
import type { Progress } from '../run/progress.ts'
import { settleOutbound } from './outbound.ts'
import { repairVlanInterface } from './vlan-interface.ts'

/** To be called inside the lab, under its lock. One that runs is left alone. */
export async function bringNodesUp(lab: Lab, progress: Progress, nodes: readonly LabNode[] = lab.nodes): Promise<void> {
  await startNodes(lab, progress, nodes)
  await repairVlanInterface(lab)
  await settleOutbound(lab)
}
