/** What is read of the nodes for `./lab status`: libvirt's state, memory, load, and the units of every service. */

import { join } from 'node:path'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import type { ServiceName } from '../../declaration/service-profiles.ts'
import { readUsedMemory } from '../../nodes/used-memory.ts'
import { runOnHost } from '../../run/process.ts'
import { checkRoute } from '../../run/ssh.ts'
import type { unitsOf } from '../../services/units-of.ts'

interface UnitStatus {
  service: ServiceName
  unit: string
  /** systemd's ActiveState: `active`, `failed`, `inactive`, `activating`; `missing` where there is no such unit. */
  state: string
  /** Seconds since it became active; absent where it is not. */
  sinceSeconds?: number
}

export interface NodeStatus {
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
  /** Why it did not answer. */
  silent?: string
}

const script = (units: readonly string[]) => `
read -r load _ </proc/loadavg; read -r up _ </proc/uptime
up=$(( $(date +%s) - $(stat -c %Y /proc/1) ))
${readUsedMemory}
echo "node $load $up $used $(date +%s)"
systemctl show --timestamp=unix --property=Id,LoadState,ActiveState,ActiveEnterTimestamp ${units.map((unit) => `${unit}.service`).join(' ') || 'ssh.service'}
`

/** The script's output as far as it is understood. */
export function parseNode(
  output: string,
  units: readonly { service: ServiceName; unit: string }[],
): Pick<NodeStatus, 'load' | 'upSeconds' | 'usedMiB' | 'units'> {
  const [, load, up, used, now] = /^node (\S+) (\S+) (\S+) (\S+)$/m.exec(output) ?? []
  const blocks = output
    .split('\n\n')
    .map((block) => new Map(block.split('\n').map((line) => line.split('=') as [string, string])))
  return {
    load: Number(load),
    upSeconds: Number(up),
    usedMiB: Number(used),
    units: units.map(({ service, unit }) => {
      const found = blocks.find((block) => block.get('Id') === `${unit}.service`)
      const state = found && found.get('LoadState') !== 'not-found' ? found.get('ActiveState') : undefined
      const since = Number(now) - Number(found?.get('ActiveEnterTimestamp')?.replace('@', ''))
      const isActive = state === 'active' && since >= 0
      return { service, unit, state: state ?? 'missing', ...(isActive ? { sinceSeconds: since } : {}) }
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
  const isOff = known && state !== 'running'
  const answer = isOff
    ? { silent: `the domain is ${state}` }
    : await askNode(lab, node, units.get(name) ?? [], timeoutSeconds)
  return { name, roles, address, state, memoryMiB, ...answer }
}

async function askNode(
  lab: Lab,
  node: LabNode,
  units: readonly { service: ServiceName; unit: string }[],
  timeoutSeconds: number,
): Promise<Partial<NodeStatus>> {
  const { name } = node
  const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=2', '-o', 'LogLevel=ERROR']
  try {
    await checkRoute(lab, node)
    const { stdout } = await runOnHost('ssh', ['-F', join(lab.paths.ssh, 'ssh_config'), ...options, name, 'bash -s'], {
      step: `look at ${name}`,
      input: script(units.map(({ unit }) => unit)),
      timeoutSeconds,
    })
    return parseNode(stdout, units)
  } catch (error) {
    const last = (error as Error).message.trim().split('\n').at(-1)?.trim() ?? ''
    return { silent: last.startsWith('(stopped after') ? `no answer within ${timeoutSeconds} s` : last }
  }
}
