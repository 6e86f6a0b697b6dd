/** What only a node itself can tell: Nova's own upgrade check, the mapping of its hosts, and whose clock is followed. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab, type LabNode, nodesWith } from '../../declaration/lab.ts'
import type { Observation } from '../../run/check.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { type LabCheck, observeUntil, type Watch } from '../check.ts'
import { discoverHosts } from '../checks/daemons.ts'

/** nova-status prints a table of `Check: NAME` and `Result: RESULT`; exit 0 means that every result is Success. */
export function judgeUpgradeCheck(lab: Lab, exitCode: number, output: string): Observation {
  const checks = [...output.matchAll(/Check: (.+?)\s*\|[\s\S]*?Result: (\w+)/g)]
  const bad = checks.filter(([, , result]) => result !== 'Success').map(([, check, result]) => `${check}: ${result}`)
  const last = output.trim().split('\n').at(-1) ?? ''
  return {
    id: 'nova/upgrade',
    what: 'nova-status upgrade check',
    ok: exitCode === 0 && checks.length > 0 && !bad.length,
    seen: bad.length
      ? bad.join(', ')
      : checks.length
        ? `${checks.length} checks succeeded`
        : `exit ${exitCode}: ${last}`,
    data: { checks: checks.length },
    next: `./lab ssh ${controllerOf(lab).name} nova-status upgrade check`,
  }
}

/** `hosts`: a line for each mapped host, its cell and its name with a tab between; or what the database said instead. */
export function judgeMapping(lab: Lab, node: string, hosts: string): Observation {
  const rows = hosts
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  const found = rows.find(([, host]) => host === node)
  return {
    id: `mapping/${node}`,
    what: `compute host ${node} mapped to a cell`,
    ok: Boolean(found),
    seen: found ? found[0]! : `mapped: ${rows.map(([cell, host = cell]) => host).join(', ') || 'none'}`,
    next: discoverHosts(lab),
  }
}

const mappedHosts = 'SELECT c.name, h.host FROM host_mappings h JOIN cell_mappings c ON c.id = h.cell_id'

/** The mapping is read as `nova-manage cell_v2 list_hosts` reads it, without its imports: half a minute on emulated nodes. */
const novaScript = `
cd /tmp
code=0
runuser -u nova -- nova-status upgrade check 2>&1 || code=$?
echo "@@ $code"
mariadb -N -B nova_api -e '${mappedHosts}' 2>&1 || :
`

export const novaCheck: LabCheck = {
  id: 'nova',
  what: () => 'nova-status and host mapping',
  timeoutSeconds: timeouts.verify.others.seconds,
  async observe({ lab, cloud }) {
    // nova-status asks Placement, so it needs Keystone: run earlier, its imports delay the services that are starting.
    await cloud()
    const output = await sshHost(lab, controllerOf(lab)).run(novaScript, {
      step: 'verify: nova-status upgrade check',
      timeoutSeconds: scaled(lab, timeouts.nodes.query),
    })
    const [status = '', code = '1', hosts = ''] = output.split(/^@@ (\d+)$/m)
    return [
      judgeUpgradeCheck(lab, Number(code), status),
      ...nodesWith(lab, 'compute').map(({ name }) => judgeMapping(lab, name, hosts)),
    ]
  },
}

/** `chronyc -n -c sources`: mode, state, address, … ; `*` marks the source that the clock follows now. */
export function judgeClock(lab: Lab, node: string, sources: string): Observation {
  const controller = controllerOf(lab)
  const rows = sources
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .filter(({ length }) => length > 3)
  const followed = rows.find(([, state]) => state === '*')
  return {
    id: `clock/${node}`,
    what: `chrony on ${node} follows ${controller.name}`,
    ok: followed?.[2] === controller.address,
    seen: followed
      ? `follows ${followed[2]}, stratum ${followed[3]}`
      : `follows none of: ${rows.map(([, state, address]) => `${address} (${state})`).join(', ') || sources.trim() || 'no source'}`,
    ...(followed ? { data: { source: followed[2]!, stratum: Number(followed[3]) } } : {}),
    next: lookAtUnit(node, 'chrony'),
  }
}

export async function observeClocks(watch: Watch): Promise<Observation[]> {
  const { lab } = watch
  const followers = lab.nodes.filter(({ name }) => name !== controllerOf(lab).name)
  return (await Promise.all(followers.map((node) => observeUntil(clockCheck(node), watch)))).flat()
}

/** Never fails: what chrony says instead is what is seen. */
export const clockScript = 'chronyc -n -c sources 2>&1 || true'

const clockCheck = (node: LabNode): LabCheck => ({
  id: `clock/${node.name}`,
  what: () => `chrony on ${node.name}`,
  timeoutSeconds: timeouts.verify.agents.seconds,
  async observe({ lab }) {
    const settings = { step: 'verify: chronyc sources', timeoutSeconds: scaled(lab, timeouts.nodes.glance) }
    return [judgeClock(lab, node.name, await sshHost(lab, node).run(clockScript, settings))]
  },
})
