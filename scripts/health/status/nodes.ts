/** What is read of the nodes for `./lab status`: libvirt's state, memory, load, and the units of every service. */

import { join } from 'node:path'
import { CommandError } from '../../declaration/errors.ts'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import { readUsedMemory } from '../../nodes/used-memory.ts'
import { runOnHost, timeoutExitCode } from '../../run/process.ts'
import { checkRoute } from '../../run/ssh.ts'
import type { unitsOf, WantedUnit } from '../../services/units-of.ts'
import { type OnNode, onNodeScript, parseOnNode } from '../../workbench/on-nodes.ts'
import { type Impaired, parseImpaired, showImpaired } from '../checks/impaired.ts'
import { parseUnits, showUnits, stateOfUnit } from '../checks/units.ts'

interface UnitStatus extends WantedUnit {
  /** systemd's ActiveState: `active`, `failed`, `inactive`, `activating`; `missing` where there is no such unit. */
  state: string
  /** Seconds since it became active; absent if it is not. */
  sinceSeconds?: number
}

export interface NodeStatus extends Partial<OnNode> {
  name: string
  roles: readonly string[]
  address: string
  /** libvirt's word: `running`, `shut off`; `absent` where there is no domain, `unknown` where libvirt is silent. */
  state: string
  memoryMiB: number
  /** The rest is there only where the node answered. */
  usedMiB?: number
  load?: number
  upSeconds?: number
  units?: UnitStatus[]
  /** Instances whose network `./lab impair` makes worse; absent if there are none. */
  impaired?: Impaired[]
  /** Why it did not answer. */
  silent?: string
}

const script = (units: readonly WantedUnit[]) => `
read -r load _ </proc/loadavg; read -r up _ </proc/uptime
up=$(( $(date +%s) - $(stat -c %Y /proc/1) ))
${readUsedMemory}
echo "node $load $up $used $(date +%s)"
${showUnits(units)}
${showImpaired}
${onNodeScript}`

/** libvirt says that it does not run. */
export const isOff = ({ state }: Pick<NodeStatus, 'state'>) => state !== 'running' && state !== 'unknown'

/** The script's output as far as it is understood. */
export function parseNode(
  output: string,
  wanted: readonly WantedUnit[],
): Pick<NodeStatus, 'load' | 'upSeconds' | 'usedMiB' | 'units' | 'impaired' | 'debug' | 'patches'> {
  const [, load, up, used, now] = /^node (\S+) (\S+) (\S+) (\S+)$/m.exec(output) ?? []
  const found = parseUnits(output, wanted)
  const impaired = parseImpaired(output)
  const { debug, patches } = parseOnNode(output)
  return {
    ...(impaired.length > 0 ? { impaired } : {}),
    ...(debug.length > 0 ? { debug } : {}),
    ...(patches.length > 0 ? { patches } : {}),
    load: Number(load),
    upSeconds: Number(up),
    usedMiB: Number(used),
    units: wanted.map(({ service, unit }) => {
      const one = found.find((other) => other.unit === unit)
      const state = stateOfUnit(one)
      const since = Number(now) - (one?.since ?? Number.NaN)
      return { service, unit, state, ...(state === 'active' && since >= 0 ? { sinceSeconds: since } : {}) }
    }),
  }
}

/** What is known of all nodes before one of them is asked. */
export interface Asked {
  domains: Promise<Map<string, string> | undefined>
  units: ReturnType<typeof unitsOf>
  timeoutSeconds: number
}

/** One node, within the given time, answering or not. One that libvirt says is off is not waited for. */
export async function readNode(
  lab: Lab,
  node: LabNode,
  { domains, units, timeoutSeconds }: Asked,
): Promise<NodeStatus> {
  const { name, roles, address, memoryMiB } = node
  const known = await domains
  const state = known ? (known.get(`${lab.name}-${name}`) ?? 'absent') : 'unknown'
  const answer = isOff({ state })
    ? { silent: `the domain is ${state}` }
    : await askNode(lab, node, units.get(name) ?? [], timeoutSeconds)
  return { name, roles, address, state, memoryMiB, ...answer }
}

async function askNode(
  lab: Lab,
  node: LabNode,
  units: readonly WantedUnit[],
  timeoutSeconds: number,
): Promise<Partial<NodeStatus>> {
  const { name } = node
  const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=2', '-o', 'LogLevel=ERROR']
  try {
    await checkRoute(lab, node)
    const { stdout } = await runOnHost('ssh', ['-F', join(lab.paths.ssh, 'ssh_config'), ...options, name, 'bash -s'], {
      step: `look at ${name}`,
      input: script(units),
      timeoutSeconds,
    })
    return parseNode(stdout, units)
  } catch (error) {
    if (error instanceof CommandError && error.failure.exitCode === timeoutExitCode) {
      return { silent: `no answer within ${timeoutSeconds} s` }
    }
    return { silent: (error as Error).message.trim().split('\n').at(-1)?.trim() ?? '' }
  }
}
