/** `./lab` alone, of a lab that can be looked at: healthy or not, within two seconds. */

import { defineCommand } from 'citty'
import { endingOfStatus, readStatus, type Status } from '../health/status/status.ts'
import { pause } from '../run/wait-for.ts'
import { printScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'
import { describeLastUp, lastUp, lookSeconds, type Standing, showOverview } from './standings.ts'

const isNodeOff = ({ state }: Status['nodes'][number]) => state === 'shut off' || state === 'absent'

/** `status` undefined: no answer in time. `isWhole`: the last `up` ended well. */
export function standingOf(status: Status | undefined, isWhole: boolean): Standing {
  if (!status) return 'unknown'
  if (status.nodes.length > 0 && status.nodes.every(isNodeOff)) return isWhole ? 'stopped' : 'unfinished'
  const ending = endingOfStatus(status)
  if (ending === 'ok' || ending === 'ofUser') return 'healthy'
  if (ending === 'unknown') return 'unknown'
  return isWhole ? 'unhealthy' : 'unfinished'
}

/** What was seen; of problems the first, which is the cause of others, and how many there are besides. */
export function describe({ troubles, nodes, cloud }: Status): string {
  const [first, ...others] = troubles
  const more = others.length ? `\n    and ${others.length} more: ./lab status` : ''
  if (first) return `  ✗ ${first.what}: ${first.seen}${more}`
  return cloud ? `  ✓ ${nodes.length} nodes, instances: ${cloud.instances.length}` : ''
}

export default defineCommand({
  meta: { name: 'overview', description: 'What `./lab` alone shows of a lab.', hidden: true },
  async run() {
    const lab = loadRunningLab(checkout)
    const status = await Promise.race([readStatus(lab), pause(lookSeconds, true).then(() => undefined)])
    const isWhole = lastUp(lab.root)?.outcome === 'done'
    const detail = status ? describe(status) : describeLastUp(lab.root)
    printScreen(showOverview(standingOf(status, isWhole), lab, detail))
    // Whatever has not answered by now is not waited for.
    process.exit(0)
  },
})
