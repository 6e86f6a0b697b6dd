/** What a traced launch needs in the cloud: created with the lab's mark, and removed in reverse order. */

import { readFileSync } from 'node:fs'
import type { CloudClient } from '../../cloud/client.ts'
import { markOf, tagOf } from '../../cloud/mark.ts'
import type { Lab } from '../../declaration/lab.ts'
import { timeouts } from '../../run/timeouts.ts'
import { waitFor } from '../../run/wait-for.ts'
import type { Drill } from './drills.ts'
import { type ChosenNetwork, findNetwork } from './project-network.ts'

export interface LaunchObjects {
  image: string
  flavor: string
  network: ChosenNetwork
  volume?: string
}

/** Functions that remove what was created, in the order of creation. */
export type Removers = (() => Promise<void>)[]

/** Each new object is added to the list of removers before the next is created, so a failure leaves none behind. */
export async function makeObjects(
  cloud: CloudClient,
  lab: Lab,
  name: string,
  { drill, network: wanted }: { drill?: Drill | undefined; network?: string | undefined },
  removers: Removers,
): Promise<LaunchObjects> {
  const [image, flavor, network, volume] = await Promise.all([
    makeImage(cloud, lab, name, drill?.image, removers),
    makeFlavor(cloud, lab, name, drill?.flavor, removers),
    findNetwork(cloud, wanted),
    lab.services.cinder && !drill ? makeVolume(cloud, lab, name, removers) : undefined,
  ])
  return { image, flavor, network, ...(volume ? { volume } : {}) }
}

/** A separate image with the same bytes: a compute node does not download an image again that it already has. */
async function makeImage(
  cloud: CloudClient,
  lab: Lab,
  name: string,
  bytes: Uint8Array | undefined,
  removers: Removers,
): Promise<string> {
  const body = { name, container_format: 'bare', disk_format: 'qcow2', visibility: 'private', tags: [tagOf(lab)] }
  const { id } = await cloud.post<{ id: string }>('image', '/v2/images', { body })
  removers.push(() => cloud.delete('image', `/v2/images/${id}`, { allow: [404] }))
  await cloud.put('image', `/v2/images/${id}/file`, {
    body: bytes ?? readFileSync(lab.paths.testImage),
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  return id
}

async function makeFlavor(
  cloud: CloudClient,
  lab: Lab,
  name: string,
  wanted: Drill['flavor'],
  removers: Removers,
): Promise<string> {
  const { vcpus, ramMiB, diskGiB } = wanted ?? lab.cloud.flavor
  const flavor = {
    name,
    vcpus,
    ram: ramMiB,
    disk: diskGiB,
    description: markOf(lab),
    'os-flavor-access:is_public': true,
  }
  const made = await cloud.post<{ flavor: { id: string } }>('compute', '/flavors', {
    body: { flavor },
    headers: { 'OpenStack-API-Version': 'compute 2.55' },
  })
  removers.push(() => cloud.delete('compute', `/flavors/${made.flavor.id}`, { allow: [404] }))
  return made.flavor.id
}

async function makeVolume(cloud: CloudClient, lab: Lab, name: string, removers: Removers): Promise<string> {
  const body = { volume: { name, size: 1, description: markOf(lab) } }
  const { volume } = await cloud.post<{ volume: { id: string } }>('volumev3', '/volumes', { body })
  const path = `/volumes/${volume.id}`
  removers.push(async () => {
    await cloud.delete('volumev3', path, { allow: [404] })
    await waitUntilGone(cloud, lab, 'volumev3', path)
  })
  const wait = {
    what: `volume ${name} available`,
    timeoutSeconds: timeouts.cloud.smallVolume.seconds,
    next: './lab openstack volume list',
    ...often,
  }
  return waitFor(lab, wait, async () => {
    const { status } = (await cloud.get<{ volume: { status: string } }>('volumev3', path)).volume
    return status === 'available' ? { found: volume.id } : { now: status, lost: status.startsWith('error') }
  })
}

/** For `--keep`: what stays in the cloud, all of the same name, and how to remove it. */
export function showKept(name: string, { server, volume }: { server: boolean; volume?: string }): string {
  const kinds = [...(server ? ['server'] : []), ...(volume ? ['volume'] : []), 'image', 'flavor']
  return [
    `  kept in the cloud, each named ${name}: ${kinds.join(', ')}. The next ./lab up removes them; to remove them now:`,
    ...kinds.map((kind) => `    ./lab openstack ${kind} delete ${kind === 'server' ? '--wait ' : ''}${name}`),
  ].join('\n')
}

const often = { pauseSeconds: 0.5 }

/** Throws NotReadyError if it still exists after two minutes (at native speed). */
export async function waitUntilGone(cloud: CloudClient, lab: Lab, service: string, path: string): Promise<void> {
  await waitFor(
    lab,
    { what: `${path} is removed`, timeoutSeconds: timeouts.cloud.removal.seconds, next: './lab status', ...often },
    async () => {
      const left = await cloud.get(service, path, { allow: [404] })
      return left === undefined ? { found: true } : { now: 'still there' }
    },
  )
}

/** Removes in reverse order; tries all, then throws the first failure. */
export async function removeObjects(removers: Removers): Promise<void> {
  let first: unknown
  for (const remove of removers.splice(0).reverse()) {
    await remove().catch((error: unknown) => {
      first ??= error
    })
  }
  if (first) throw first
}
