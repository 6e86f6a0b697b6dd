/**
 * The way back from self-service to provider networks: removes what the lab itself made for it and stops the L3 agent,
 * while Neutron still knows routers. Users' routers, floating IPs and overlay networks are in the way. Where only the user
 * demo is switched off, what it made is removed, and Terraform makes it again as the admin.
 */

import type { CloudClient } from '../../cloud/client.ts'
import { readMarkedObjects } from '../../cloud/marked-objects.ts'
import { removeObjects } from '../../cloud/orphans.ts'
import { isOfSelfService } from '../../cloud/test-servers.ts'
import { type Finding, LabError } from '../../declaration/errors.ts'
import { controllerOf, isSelfService, type Lab } from '../../declaration/lab.ts'
import type { Progress } from '../../run/progress.ts'
import { sshHost } from '../../run/ssh.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import { forgetResources, ownIds, readState } from '../../terraform/state.ts'
import { showNamed } from './tenants.ts'

const agent = 'neutron-l3-agent'

interface Listed {
  id: string
  name?: string
}

interface Kind {
  what: string
  path: string
  key: string
  /** The client's command to remove one. */
  remove: string
}

const kinds: readonly Kind[] = [
  { what: 'floating IPs', path: '/v2.0/floatingips', key: 'floatingips', remove: 'floating ip delete' },
  { what: 'routers', path: '/v2.0/routers', key: 'routers', remove: 'router delete' },
  {
    what: 'VXLAN networks',
    path: '/v2.0/networks?provider%3Anetwork_type=vxlan',
    key: 'networks',
    remove: 'network delete',
  },
]

/** Throws LabError naming what users have that only a self-service lab can have. */
export async function checkRouting(lab: Lab, cloud: CloudClient): Promise<void> {
  if (isSelfService(lab)) return
  const own = ownIds(lab)
  const lists = kinds.map(async ({ what, path, key, remove }): Promise<Finding[]> => {
    const listed = (await cloud.get<Record<string, Listed[]>>('network', path))[key] ?? []
    const users = listed.filter(({ id }) => !own.has(id))
    if (users.length === 0) return []
    const ids = users.map(({ id }) => shellQuote(id)).join(' ')
    return [
      {
        where: 'lab_networking: provider',
        given: `users have ${what}: ${users.map(({ id, name = '' }) => showNamed({ id, name })).join(', ')}`,
        allowed: `no ${what} except the lab's own`,
        remedy: `./lab openstack ${remove} ${ids}, or lab_networking: self-service`,
      },
    ]
  })
  const findings = (await Promise.all(lists)).flat()
  if (findings.length > 0) throw new LabError(findings)
}

/**
 * The agent is stopped after it has taken down the router, and its record goes, so that it is not missed. Terraform's
 * state is changed last: killed before that, the next run begins again.
 */
export async function removeRouting(lab: Lab, cloud: CloudClient, progress: Progress): Promise<void> {
  const known = readState(lab, 'cloud').filter(({ name }) => isOfSelfService(name))
  const ids = new Set(known.map(({ attributes }) => String(attributes['id'])))
  await progress.step('remove router and project networks', async () => {
    const marked = await readMarkedObjects(cloud, { ...lab, networking: 'self-service' })
    await removeObjects(
      cloud,
      lab,
      marked.filter(({ id }) => ids.has(id)),
    )
    if (!isSelfService(lab)) await stopAgent(lab, cloud)
    await forgetResources(
      lab,
      'cloud',
      known.map(({ address }) => address),
    )
  })
}

async function stopAgent(lab: Lab, cloud: CloudClient): Promise<void> {
  await sshHost(lab, controllerOf(lab)).run(`systemctl disable --now ${agent}`, { step: `stop ${agent}` })
  const { agents } = await cloud.get<{ agents: Listed[] }>('network', `/v2.0/agents?binary=${agent}`)
  for (const { id } of agents) await cloud.delete('network', `/v2.0/agents/${id}`, { allow: [404] })
}
