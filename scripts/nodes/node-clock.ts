/** The clock of one node, set to this machine's. */

import type { Lab, LabNode } from '../declaration/lab.ts'
import { sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'

/**
 * Sets a node's clock by what it lacks, however long ssh takes. Returns the seconds by which it was behind (negative:
 * ahead), or undefined if that was no more than `tolerance`. The connection stays open: see `disconnect`.
 */
export async function setClock(lab: Lab, node: LabNode, tolerance: number): Promise<number | undefined> {
  const host = sshHost(lab, node)
  const options = { timeoutSeconds: scaled(lab, timeouts.nodes.answer) }
  const before = Date.now()
  const seen = Number(await host.run('date +%s.%N', { ...options, step: 'look at its clock' }))
  const lag = (before + Date.now()) / 2000 - seen
  if (Math.abs(lag) <= tolerance) return undefined
  const shift = `awk -v now="$(date +%s.%N)" 'BEGIN { printf "@%.3f", now + ${lag.toFixed(3)} }'`
  await host.run(`date -s "$(${shift})" >/dev/null`, { ...options, step: 'set its clock' })
  return lag
}
