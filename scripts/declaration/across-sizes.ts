/** What must fit into the nodes: the test instance into every compute node, the test volume into a storage node. */

import type { Finding } from '../errors.ts'
import { fieldOf, type Host, readHosts } from './across-nodes.ts'
import type { DeclarationFiles } from './files-of-declaration.ts'

export function checkSizes(files: DeclarationFiles): Finding[] {
  const hosts = readHosts(files)
  if (!hosts) return []
  return [
    ...checkFlavor(files, hosts.compute, 'vcpus', 'vcpus', (flavor, node) => flavor <= node),
    ...checkFlavor(files, hosts.compute, 'ram_mib', 'memory_mib', (flavor, node) => flavor < node),
    ...checkFlavor(files, hosts.compute, 'disk_gib', 'disk_gib', (flavor, node) => flavor < node),
    ...checkVolume(files, [...hosts.controller, ...hosts.compute, ...hosts.storage], hosts.storage),
  ]
}

type Fits = (flavor: number, node: number) => boolean

function checkFlavor(files: DeclarationFiles, nodes: readonly Host[], flavorKey: string, nodeKey: string, fits: Fits) {
  const flavor = files.all.field<number>('lab_cloud', 'flavor', flavorKey)
  const group = files.compute.field<number>(nodeKey)
  if (!flavor) return []
  return nodes.flatMap((host): Finding[] => {
    const size = (fieldOf<number>(files, host, nodeKey) ?? group)?.value
    if (size === undefined || fits(flavor.value, size)) return []
    const allowed = `what fits on every compute node: ${host.name} has ${nodeKey}: ${size}`
    return [{ where: flavor.where, given: flavor.given, allowed }]
  })
}

function checkVolume(files: DeclarationFiles, nodes: readonly Host[], storage: readonly Host[]): Finding[] {
  const volume = files.all.field<number>('lab_cloud', 'volume_gib')
  const group = files.storage.field<number>('volume_disk_gib')
  const sizes = nodes
    .filter(({ name }) => storage.some((host) => host.name === name))
    .flatMap((host) => (fieldOf<number>(files, host, 'volume_disk_gib') ?? group)?.value ?? [])
  const largest = Math.max(...sizes)
  if (!volume || sizes.length === 0 || volume.value < largest) return []
  const allowed = `less than the largest second disk of a storage node (volume_disk_gib: ${largest})`
  return [{ where: volume.where, given: volume.given, allowed }]
}
