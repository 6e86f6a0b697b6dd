/** Checks that the test instances fit on the compute nodes, and the test volume on a storage node. */

import { fieldOf, type Host, readHosts } from './across-nodes.ts'
import type { Field } from './check.ts'
import type { Finding } from './errors.ts'
import type { DeclarationFiles } from './files-of-declaration.ts'
import { explainMemory, type Offer, offeredDisk, offeredMemory } from './nova-offer.ts'

export function checkSizes(files: DeclarationFiles): Finding[] {
  const hosts = readHosts(files)
  if (!hosts) return []
  const { all } = files
  return [
    ...checkProcessors(files, hosts.compute),
    ...checkOffer(files, hosts.compute, {
      flavorKey: 'ram_mib',
      nodeKey: 'memory_mib',
      unit: 'MiB',
      offer: (size) => offeredMemory(all, size),
      remedy: `lower it, or give the node more memory: ${explainMemory(all)}`,
    }),
    ...checkOffer(files, hosts.compute, {
      flavorKey: 'disk_gib',
      nodeKey: 'disk_gib',
      unit: 'GiB',
      offer: (size) => offeredDisk(all, size),
      remedy: 'lower it, or give the node a larger disk',
    }),
    ...checkVolume(files, [...hosts.controller, ...hosts.compute, ...hosts.storage], hosts.storage),
  ]
}

const flavorField = ({ all }: DeclarationFiles, key: string) => all.field<number>('lab_cloud', 'flavor', key)

/** Each node with its own or its group's size; left out if that is invalid on its own. */
function sizesOf(files: DeclarationFiles, nodes: readonly Host[], key: string): { name: string; size: number }[] {
  const group = files.compute.field<number>(key)
  return nodes.flatMap((host) => {
    const size = (fieldOf<number>(files, host, key) ?? group)?.value
    return size === undefined ? [] : [{ name: host.name, size }]
  })
}

function checkProcessors(files: DeclarationFiles, nodes: readonly Host[]): Finding[] {
  const flavor = flavorField(files, 'vcpus')
  if (!flavor) return []
  return sizesOf(files, nodes, 'vcpus')
    .filter(({ size }) => flavor.value > size)
    .map(({ name, size }) => ({
      ...placed(flavor),
      allowed: `a value that fits on every compute node: ${name} has vcpus: ${size}`,
    }))
}

interface Resource {
  flavorKey: 'ram_mib' | 'disk_gib'
  nodeKey: 'memory_mib' | 'disk_gib'
  unit: string
  offer(size: number): Offer
  remedy: string
}

/** Every compute node must have room for one test instance, and all nodes together for all of them. */
function checkOffer(files: DeclarationFiles, nodes: readonly Host[], resource: Resource): Finding[] {
  const { flavorKey, nodeKey, unit, remedy } = resource
  const flavor = flavorField(files, flavorKey)
  if (!flavor) return []
  const offers = sizesOf(files, nodes, nodeKey).map(({ name, size }) => {
    const { single, together } = resource.offer(size)
    return { name, size, most: Math.min(single, together), together }
  })
  const small = offers.filter(({ most }) => flavor.value > most)
  if (small.length > 0) {
    return small.map(({ name, size, most }) => ({
      ...placed(flavor),
      allowed: `at most ${most} (${unit}), which is what Nova offers on ${name} with ${nodeKey}: ${size}`,
      remedy,
    }))
  }
  // A single node takes them all: each of more takes one, as was seen above. Nodes without VLANs have only the first
  // network, which the declaration alone does not tell.
  const wanted = files.all.keys('lab_vlan_network')?.length ? 2 : 1
  const [only] = nodes.length === 1 ? offers : []
  if (!only || flavor.value * wanted <= only.together) return []
  const most = Math.floor(only.together / wanted)
  const allowed = `at most ${most} (${unit}): Nova offers ${only.together} on ${only.name} with ${nodeKey}: ${only.size}, for ${wanted} test instances, one on each provider network`
  return [{ ...placed(flavor), allowed, remedy }]
}

const placed = ({ where, given }: Field<unknown>) => ({ where, given })

function checkVolume(files: DeclarationFiles, nodes: readonly Host[], storage: readonly Host[]): Finding[] {
  const volume = files.all.field<number>('lab_cloud', 'volume_gib')
  const group = files.storage.field<number>('volume_disk_gib')
  const sizes = nodes
    .filter(({ name }) => storage.some((host) => host.name === name))
    .flatMap((host) => (fieldOf<number>(files, host, 'volume_disk_gib') ?? group)?.value ?? [])
  const largest = Math.max(...sizes)
  if (!volume || sizes.length === 0 || volume.value < largest) return []
  const allowed = `less than the largest second disk of a storage node (volume_disk_gib: ${largest})`
  return [{ ...placed(volume), allowed }]
}
