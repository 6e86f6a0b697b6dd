/** What Placement says: whether there is room for an instance, and who takes it. */

import { type CloudRead, rule } from '../rule.ts'

interface Room {
  candidates: number
  /** One line for each compute node: what it has and what is taken. */
  providers: string[]
}

type Amounts = Record<string, { total: number; reserved: number; allocation_ratio: number }>

/** From 1.10 on Placement can be asked for candidates. */
const room: CloudRead<Room> = {
  async ask(cloud, lab) {
    const { vcpus, ramMiB, diskGiB } = lab.cloud.flavor
    const headers = { 'OpenStack-API-Version': 'placement 1.10' }
    const wanted = [`VCPU:${vcpus}`, `MEMORY_MB:${ramMiB}`, ...(diskGiB ? [`DISK_GB:${diskGiB}`] : [])].join(',')
    const [{ provider_summaries }, { resource_providers }] = await Promise.all([
      cloud.get<{ provider_summaries: object }>('placement', `/allocation_candidates?resources=${wanted}`, { headers }),
      cloud.get<{ resource_providers: { uuid: string; name: string }[] }>('placement', '/resource_providers'),
    ])
    const candidates = Object.keys(provider_summaries).length
    const providers = candidates
      ? []
      : await Promise.all(
          resource_providers.map(async ({ uuid, name }) => {
            const [{ inventories }, { usages }] = await Promise.all([
              cloud.get<{ inventories: Amounts }>('placement', `/resource_providers/${uuid}/inventories`),
              cloud.get<{ usages: Record<string, number> }>('placement', `/resource_providers/${uuid}/usages`),
            ])
            const amounts = Object.entries(inventories).map(
              ([kind, { total, reserved, allocation_ratio }]) =>
                `${kind} ${usages[kind] ?? 0} used of ${Math.floor((total - reserved) * allocation_ratio)} (${total} in total, ${reserved} reserved)`,
            )
            return `Placement: ${name}: ${amounts.join(', ') || 'no inventory'}`
          }),
        )
    return { candidates, providers }
  },
}

export const noRoom = rule({
  symptom: '`No valid host was found. There are not enough hosts available.`',
  cause:
    'no compute node has room for an instance of the configured flavor: too many instances, too much reserved, or a flavor larger than the node',
  remedy: 'delete instances, configure a smaller flavor, or give the compute nodes more memory or disk',
  service: 'nova',
  reads: { room },
  judge: ({ room: { candidates, providers } }, { lab }) => {
    if (candidates > 0) return []
    const { name, vcpus, ramMiB, diskGiB } = lab.cloud.flavor
    return [
      {
        about: name,
        evidence: [`Placement: no candidate for ${vcpus} VCPU, ${ramMiB} MEMORY_MB, ${diskGiB} DISK_GB`, ...providers],
        next: './lab openstack hypervisor stats show; ./lab openstack server list --all-projects',
      },
    ]
  },
})

interface Allocations {
  consumers: { provider: string; consumer: string; resources: Record<string, number> }[]
  /** Servers and migrations, read before and after; of the servers also those that no list names. */
  known: Set<string>
}

const allocations: CloudRead<Allocations> = {
  async ask(cloud) {
    const readKnown = async () => {
      const [list, { migrations }] = await Promise.all([
        cloud.get<{ servers: { id: string }[] }>('compute', '/servers?all_tenants=1'),
        cloud.get<{ migrations: { uuid: string }[] }>('compute', '/os-migrations', {
          headers: { 'OpenStack-API-Version': 'compute 2.59' },
        }),
      ])
      return [...list.servers.map(({ id }) => id), ...migrations.map(({ uuid }) => uuid)]
    }
    const before = await readKnown()
    const { resource_providers } = await cloud.get<{ resource_providers: { uuid: string; name: string }[] }>(
      'placement',
      '/resource_providers',
    )
    const lists = await Promise.all(
      resource_providers.map(async ({ uuid, name }) => {
        const answer = await cloud.get<{ allocations: Record<string, { resources: Record<string, number> }> }>(
          'placement',
          `/resource_providers/${uuid}/allocations`,
        )
        return Object.entries(answer.allocations).map(([consumer, { resources }]) => ({
          provider: name,
          consumer,
          resources,
        }))
      }),
    )
    const consumers = lists.flat()
    // A server that came or went between the two readings is no orphan.
    const known = new Set([...before, ...(await readKnown())])
    // Nor is one of a cell whose database does not answer: a list passes over it in silence, and its own page fails.
    for (const { consumer } of consumers.filter((one) => !known.has(one.consumer))) {
      if (await cloud.get<object | undefined>('compute', `/servers/${consumer}`, { allow: [404] })) known.add(consumer)
    }
    return { consumers, known }
  },
}

export const orphanAllocation = rule({
  symptom: '`No valid host was found`, although there are hardly any instances',
  cause:
    'Placement still counts resources of an instance that no longer exists, because a delete or a launch was interrupted',
  remedy: 'delete the allocation',
  service: 'nova',
  reads: { allocations },
  judge: ({ allocations: { consumers, known } }) =>
    consumers
      .filter(({ consumer }) => !known.has(consumer))
      .map(({ provider, consumer, resources }) => ({
        about: consumer,
        evidence: [
          `Placement: ${consumer} holds ${Object.entries(resources)
            .map(([kind, amount]) => `${amount} ${kind}`)
            .join(', ')} of ${provider}; Nova has no such server`,
        ],
        next: `./lab doctor --fix`,
        fix: { cloud: (cloud) => cloud.delete('placement', `/allocations/${consumer}`, { allow: [404] }) },
        explains: ['no-room'],
      })),
})
