/** One instance on each compute node, all at once, from the request to the answer to a ping. */

import { setTimeout as sleep } from 'node:timers/promises'
import { nodesWith } from '../scripts/declaration/lab.ts'
import { loadLab } from '../scripts/declaration/load.ts'
import { flatNetwork } from '../scripts/declaration/provider-network.ts'
import type { Copy } from '../test/harness/copy.ts'
import { runIn } from './run.ts'

interface Server {
  Name: string
  Status: string
  Host: string | null
  Networks: Record<string, string[]>
}

const prefix = 'bench-'

async function listServers(copy: Copy): Promise<Server[]> {
  const answer = await runIn(copy, './lab', 'openstack', 'server', 'list', '--long', '-f', 'json')
  const servers = JSON.parse(answer) as Server[]
  return servers.filter(({ Name }) => Name.startsWith(prefix))
}

/** Undefined while one of them is still being built; throws if one failed or is on another node than requested. */
export function readyServers(servers: readonly Server[], nodes: readonly string[]): Server[] | undefined {
  const wrong = servers.filter(
    ({ Name, Status, Host }) => Status === 'ERROR' || (Host && `${prefix}${Host.split('.')[0]}` !== Name),
  )
  if (wrong.length)
    throw new Error(
      `not as ordered: ${wrong.map(({ Name, Status, Host }) => `${Name} ${Status} on ${Host}`).join(', ')}`,
    )
  return nodes.every((node) => servers.some(({ Name, Status }) => Name === prefix + node && Status === 'ACTIVE'))
    ? [...servers]
    : undefined
}

async function waitForAll(copy: Copy, nodes: readonly string[], seconds: number): Promise<Server[]> {
  const until = Date.now() + seconds * 1000
  for (;;) {
    const ready = readyServers(await listServers(copy), nodes)
    if (ready) return ready
    if (Date.now() > until) throw new Error(`instances on ${nodes.join(', ')}: not all ACTIVE in ${seconds} s`)
    await sleep(1000)
  }
}

/** All are requested at once; the wait for each answer is the guest's own start time. */
export async function launchOnEach(copy: Copy): Promise<void> {
  const lab = loadLab(copy.root)
  const nodes = nodesWith(lab, 'compute').map(({ name }) => name)
  const { name: flavor } = lab.cloud.flavor
  const orders = nodes.map(async (node) => {
    const options = [
      '--image',
      'duostack-test',
      '--flavor',
      flavor,
      '--network',
      flatNetwork,
      '--security-group',
      'ping-and-ssh',
    ]
    const where = ['--availability-zone', `nova:${node}`]
    await runIn(copy, './lab', 'openstack', 'server', 'create', ...options, ...where, prefix + node)
  })
  await Promise.all(orders)
  const servers = await waitForAll(copy, nodes, 600 * lab.timeScale)
  const addresses = servers.flatMap(({ Networks }) => Object.values(Networks).flat())
  const answers = addresses.map(async (address) => {
    // A ping ends at the first "host unreachable", whatever its deadline.
    const ping = `until ping -n -c 1 -W 2 ${address}; do sleep 1; done`
    const deadline = String(300 * lab.timeScale)
    await runIn(copy, './lab', 'exec', '--', 'timeout', deadline, 'sh', '-c', ping)
  })
  await Promise.all(answers)
}
