/**
 * One recorded association of a floating IP: creates a port on the project network and a floating IP, starts the
 * recorder, and gives the floating IP to the port. No instance is needed: NAT leads to an address.
 */

import { randomUUID } from 'node:crypto'
import { type CloudClient, openCloud } from '../../cloud/client.ts'
import { markOf } from '../../cloud/mark.ts'
import { routerNamespace } from '../../cloud/neutron-names.ts'
import { LabError } from '../../declaration/errors.ts'
import { isSelfService, type Lab } from '../../declaration/lab.ts'
import { flatNetwork, selfServiceNetwork } from '../../declaration/provider-network.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import { isStopping } from '../../run/progress/stop.ts'
import type { Progress } from '../../run/progress.ts'
import { timeouts } from '../../run/timeouts.ts'
import { pause, poll } from '../../run/wait-for.ts'
import { collectLaunch } from './collect.ts'
import type { Recording } from './evidence.ts'
import { localRequests, readLost } from './launch-ids.ts'
import { type Removers, removeObjects } from './launch-objects.ts'
import { listen } from './listen.ts'
import { findNetwork } from './project-network.ts'

interface FloatingIp {
  id: string
  floating_ip_address: string
  status: string
}

interface Objects {
  port: string
  floating: FloatingIp
  network: string
  router: string
}

/** Also on failure, what was created is removed. Throws LabError in a lab without routers. */
export async function recordAssociation(lab: Lab, secrets: Secrets, progress: Progress): Promise<Recording> {
  if (!isSelfService(lab)) {
    throw new LabError([
      {
        where: './lab trace --floating-ip',
        given: `lab_networking: ${lab.networking}`,
        allowed: 'a lab with routers and floating IPs',
        remedy: 'lab_networking: self-service in ansible-vars/group_vars/all.yml, then ./lab up',
      },
    ])
  }
  const id = randomUUID().slice(0, 8)
  const cloud = await openCloud(lab, secrets)
  const removers: Removers = []
  try {
    const objects = await progress.step('create a port and a floating IP', () =>
      makeObjects(cloud, lab, `trace-floating-ip-${id}`, removers),
    )
    return await record(lab, secrets, { id, objects, progress })
  } finally {
    if (isStopping()) await removeObjects(removers)
    else await progress.step('remove what was created', () => removeObjects(removers))
  }
}

async function makeObjects(cloud: CloudClient, lab: Lab, name: string, removers: Removers): Promise<Objects> {
  const [inside, outside] = await Promise.all([
    findNetwork(cloud, selfServiceNetwork.name),
    findNetwork(cloud, flatNetwork),
  ])
  const description = markOf(lab)
  const { port } = await cloud.post<{ port: { id: string } }>('network', '/v2.0/ports', {
    body: { port: { name, description, network_id: inside.id } },
  })
  removers.push(() => cloud.delete('network', `/v2.0/ports/${port.id}`, { allow: [404] }))
  const { floatingip } = await cloud.post<{ floatingip: FloatingIp }>('network', '/v2.0/floatingips', {
    body: { floatingip: { description, floating_network_id: outside.id } },
  })
  removers.push(() => cloud.delete('network', `/v2.0/floatingips/${floatingip.id}`, { allow: [404] }))
  return { port: port.id, floating: floatingip, network: inside.id, router: inside.router ?? '' }
}

interface Association {
  id: string
  objects: Objects
  progress: Progress
}

async function record(lab: Lab, secrets: Secrets, { id, objects, progress }: Association): Promise<Recording> {
  const { floating, port, router, network } = objects
  const globalRequest = `req-${randomUUID()}`
  const { outcome, positions, clockOffsets, ended } = await listen(lab, {
    id,
    progress,
    seconds: timeouts.verify.launch.seconds,
    namespace: routerNamespace(router),
    act: () =>
      progress.step(`give ${floating.floating_ip_address} to the port`, () =>
        associate(lab, secrets, objects, globalRequest),
      ),
  })
  const files = await progress.step('collect the evidence', () =>
    collectLaunch(lab, id, positions, outcome.began / 1000 - 1),
  )
  return {
    source: 'launch',
    about: 'floating-ip',
    id,
    server: { name: `floating IP ${floating.floating_ip_address}`, status: outcome.status },
    ids: {
      globalRequest,
      requests: [...new Set(localRequests(files, globalRequest, 'neutron'))],
      ports: [port],
      macs: [],
      volumes: [],
      network,
      router,
      floatingIp: floating.id,
    },
    began: outcome.began,
    ended,
    lost: readLost(files),
    clockOffsets,
    nodes: lab.nodes.map(({ name, address, roles }) => ({ name, address, roles })),
    files,
  }
}

/** Signs in again, so that the recording begins where a client begins. Its status is the result, whatever it is. */
async function associate(
  lab: Lab,
  secrets: Secrets,
  { floating, port }: Objects,
  globalRequest: string,
): Promise<{ began: number; status: string }> {
  const began = Date.now()
  const cloud = await openCloud(lab, secrets)
  const path = `/v2.0/floatingips/${floating.id}`
  await cloud.put('network', path, {
    headers: { 'X-OpenStack-Request-ID': globalRequest },
    body: { floatingip: { port_id: port } },
  })
  const polling = { timeoutSeconds: timeouts.verify.ping.seconds, pauseSeconds: 0.5, stoppable: true }
  const read = async () => (await cloud.get<{ floatingip: FloatingIp }>('network', path)).floatingip.status
  const { seen } = await poll(lab, polling, read, (status) => status !== 'DOWN')
  await pause(Math.min(lab.timeScale, 5))
  return { began, status: seen }
}
