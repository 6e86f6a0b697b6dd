/** What Tempest must know of the living cloud, and what a run adds to it: a second image and a second flavor. */

import { createReadStream } from 'node:fs'
import type { CloudClient } from '../cloud/client.ts'
import { markOf, tagOf } from '../cloud/mark.ts'
import { flavorHeaders, type MarkedObject, readMarkedObjects } from '../cloud/marked-objects.ts'
import { removeObjects } from '../cloud/orphans.ts'
import { NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { flatNetwork } from '../declaration/provider-network.ts'

export interface LivingCloud {
  image: string
  otherImage: string
  flavor: string
  otherFlavor: string
  publicNetwork: string
  networkExtensions: readonly string[]
  volumeExtensions: readonly string[]
  /** The newest microversion of each. */
  versions: { compute: string; placement: string; volume?: string }
}

/** With the lab's mark and this name they belong to a run: the next one removes what a killed one has left. */
const ownName = 'duostack-tempest'

/** Some tests change an instance's size; a few megabytes more are enough. */
const moreMiB = 64

const isOwn = ({ name }: MarkedObject) => name === ownName

export async function removeOwn(cloud: CloudClient, lab: Lab): Promise<void> {
  await removeObjects(cloud, lab, (await readMarkedObjects(cloud, lab)).filter(isOwn))
}

async function makeImage(cloud: CloudClient, lab: Lab): Promise<string> {
  const body = { name: ownName, container_format: 'bare', disk_format: 'qcow2', visibility: 'public' }
  const { id } = await cloud.post<{ id: string }>('image', '/v2/images', { body: { ...body, tags: [tagOf(lab)] } })
  await cloud.put('image', `/v2/images/${id}/file`, {
    body: createReadStream(lab.paths.testImage),
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  return id
}

async function makeFlavor(cloud: CloudClient, lab: Lab): Promise<string> {
  const { vcpus, ramMiB, diskGiB } = lab.cloud.flavor
  const flavor = { name: ownName, vcpus, ram: ramMiB + moreMiB, disk: diskGiB, description: markOf(lab) }
  return (
    await cloud.post<{ flavor: { id: string } }>('compute', '/flavors', { body: { flavor }, headers: flavorHeaders })
  ).flavor.id
}

/** The id of one of the lab's own, which every `up` makes. */
function idAmong(marked: readonly MarkedObject[], type: string, name?: string): string {
  const found = marked.find((one) => one.type === `openstack_${type}` && (name === undefined || one.name === name))
  if (found) return found.id
  throw new NotReadyError(`the lab's own ${type} ${name ?? ''}`.trim(), 0, 'there is none', './lab up')
}

type Extensions = { extensions: { alias: string }[] }

async function readExtensions(cloud: CloudClient, type: string, path: string): Promise<string[]> {
  return (await cloud.get<Extensions>(type, path)).extensions.map(({ alias }) => alias).sort()
}

interface Version {
  version?: string
  max_version?: string
}

/** A service says it of itself at the root of its version. */
async function readNewest(cloud: CloudClient, type: string, path: string): Promise<string> {
  const url = new URL(path, `${cloud.urlOf(type)}/`).href
  const { version, versions } = await cloud.get<{ version?: Version; versions?: Version[] }>(type, url)
  const found = version ?? versions?.[0]
  return found?.max_version ?? found?.version ?? ''
}

/** Makes the second image and flavor anew; `removeOwn` removes them. */
export async function prepareCloud(cloud: CloudClient, lab: Lab): Promise<LivingCloud> {
  const marked = await readMarkedObjects(cloud, lab)
  await removeObjects(cloud, lab, marked.filter(isOwn))
  const standing = marked.filter((one) => !isOwn(one))
  const own = (type: string, name?: string) => idAmong(standing, type, name)
  const { cinder } = lab.services
  const [otherImage, otherFlavor, networkExtensions, volumeExtensions, compute, placement, volume] = await Promise.all([
    makeImage(cloud, lab),
    makeFlavor(cloud, lab),
    readExtensions(cloud, 'network', '/v2.0/extensions'),
    cinder ? readExtensions(cloud, 'volumev3', '/extensions') : [],
    readNewest(cloud, 'compute', '.'),
    readNewest(cloud, 'placement', '.'),
    cinder ? readNewest(cloud, 'volumev3', '/v3/') : undefined,
  ])
  return {
    image: own('images_image_v2'),
    otherImage,
    flavor: own('compute_flavor_v2', lab.cloud.flavor.name),
    otherFlavor,
    publicNetwork: own('networking_network_v2', flatNetwork),
    networkExtensions,
    volumeExtensions,
    versions: { compute, placement, ...(volume ? { volume } : {}) },
  }
}
