/** The clock of one node, set to this machine's. */

import type { Lab, LabNode } from '../declaration/lab.ts'
import { disconnect, sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'

/** For a node that has been held: its clock continues where it was. Sets it by what it lacks, however long ssh takes. */
export async function setClock(lab: Lab, node: LabNode): Promise<void> {
  const host = sshHost(lab, node)
  const options = { timeoutSeconds: scaled(lab, timeouts.nodes.answer) }
  try {
    const before = Date.now()
    const seen = Number(await host.run('date +%s.%N', { ...options, step: 'look at its clock' }))
    const lag = (before + Date.now()) / 2000 - seen
    const shift = `awk -v now="$(date +%s.%N)" 'BEGIN { printf "@%.3f", now + ${lag.toFixed(3)} }'`
    await host.run(`date -s "$(${shift})" >/dev/null`, { ...options, step: 'set its clock' })
  } finally {
    await disconnect()
  }
}
