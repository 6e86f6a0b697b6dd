/** How what the lab offers is divided among students, so that all of them together never ask for more. Pure. */

import type { ProjectLimits } from '../cloud/project-limits.ts'
import { LabError } from '../declaration/errors.ts'

/** What is there for all students of a class together, without what others use now. */
export interface Offer {
  vcpus: number
  memoryMiB: number
  diskGiB: number
  /** Of the shared network that has the fewest left. */
  addresses: number
  /** Absent if there is no Cinder. */
  volumeGiB?: number
}

export interface Flavor {
  name: string
  vcpus: number
  ramMiB: number
  diskGiB: number
}

/** However large the lab is. */
const most = { instances: 10, volumes: 5, volumeGiB: 20, ports: 50 }

/** MiB that the lab's own image can do with. */
const tinyMiB = 128

/** DHCP and the router's interface are ports of a project's own network. */
const ownPorts = 2

/** Addresses that a student with one instance needs: also the router's, and a floating IP. */
const neededAddresses = { own: 1 + 1 + ownPorts + 1, shared: 1 }

/** Every port may be one on the shared network, so each counts as an address there. */
function shareNetwork(addresses: number, wanted: number, own: boolean) {
  if (!own) {
    const ports = Math.min(addresses, 2 * wanted, most.ports)
    return { instances: Math.min(wanted, addresses), ports, networks: 1 }
  }
  const instances = Math.min(wanted, addresses - neededAddresses.own + 1)
  const rest = addresses - neededAddresses.own - instances + 1
  const moreFloating = Math.min(Math.floor(rest / 3), instances - 1)
  const ports = Math.min(instances + ownPorts + rest - moreFloating, 2 * (instances + ownPorts), most.ports)
  return { instances, ports, routers: 1, floatingIps: 1 + moreFloating, networks: 2 }
}

function shareVolumes(volumeGiB: number) {
  const each = Math.min(Math.floor(volumeGiB), most.volumeGiB)
  return { volumes: Math.min(each, most.volumes), volumeGiB: each }
}

/** How many students could have one instance of this flavor each, by what runs out first. */
function mostStudents(offer: Offer, flavor: Flavor, own: boolean) {
  const needed = own ? neededAddresses.own : neededAddresses.shared
  const limits = [
    {
      of: `${offer.memoryMiB} MiB of memory`,
      students: offer.memoryMiB / flavor.ramMiB,
      remedy:
        flavor.ramMiB > tinyMiB
          ? `a smaller flavor: ./lab openstack flavor create --ram ${tinyMiB} --disk 1 --vcpus 1 m1.class; or more memory_mib for the compute nodes`
          : 'more memory_mib for the compute nodes, then ./lab up',
    },
    {
      of: `${offer.vcpus} virtual CPUs`,
      students: offer.vcpus / flavor.vcpus,
      remedy: 'more vcpus for the compute nodes',
    },
    {
      of: `${offer.diskGiB} GiB of disk`,
      students: offer.diskGiB / Math.max(flavor.diskGiB, 1),
      // Nodes keep the disks that they were made with.
      remedy: 'another compute node in hosts.yml, then ./lab up',
    },
    {
      of: `${offer.addresses} addresses`,
      students: offer.addresses / needed,
      remedy: 'a larger pool (pool_start, pool_end) for the provider network',
    },
  ]
  const [first] = limits.toSorted((a, b) => a.students - b.students)
  return { ...first!, students: Math.max(0, Math.floor(first!.students)) }
}

/**
 * `flavor`: the smallest that everybody may use. `own`: projects have networks of their own. Throws LabError if not even
 * one instance for each fits.
 */
export function shareOut(
  offer: Offer,
  flavor: Flavor,
  { students, own }: { students: number; own: boolean },
): ProjectLimits {
  const fit = mostStudents(offer, flavor, own)
  if (fit.students < students) {
    throw new LabError([
      {
        where: './lab class create',
        given: `${students} students, but Nova and Neutron have ${fit.of} left: ${fit.students} instances of ${flavor.name}`,
        allowed: 'one instance for each student',
        remedy: fit.remedy,
      },
    ])
  }
  const each = (amount: number) => Math.floor(amount / students)
  const [memoryMiB, cores] = [each(offer.memoryMiB), each(offer.vcpus)]
  const byDisk = flavor.diskGiB > 0 ? Math.floor(each(offer.diskGiB) / flavor.diskGiB) : most.instances
  const wanted = Math.min(
    ...[most.instances, byDisk, Math.floor(memoryMiB / flavor.ramMiB), Math.floor(cores / flavor.vcpus)],
  )
  const network = shareNetwork(each(offer.addresses), wanted, own)
  const volumes = offer.volumeGiB === undefined ? {} : shareVolumes(offer.volumeGiB / students)
  return { cores, memoryMiB, ...network, ...volumes }
}
