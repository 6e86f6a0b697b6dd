/** Nova: hosts that can take an instance, what Placement says of them, and the instances themselves. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, nodesWith } from '../../declaration/lab.ts'
import type { ServiceState } from '../../lab/verify-services.ts'
import { type FullServer, servers } from '../reads/cloud.ts'
import { type CloudRead, rule, type ShellRead } from '../rule.ts'

const mappings: ShellRead = {
  on: 'controller',
  script: () =>
    "mariadb -N -B -e \"SELECT CONCAT('registered ', host) FROM nova.compute_nodes WHERE deleted = 0; SELECT CONCAT('mapped ', host) FROM nova_api.host_mappings\"",
}

export const hostUnmapped = rule({
  symptom: '`Host … is not mapped to any cell`, or `No valid host was found` though nova-compute is up',
  cause: 'the compute node registered itself, but its cell has never been told (`discover_hosts`)',
  remedy: 'discover it',
  service: 'nova',
  reads: { mappings },
  judge: ({ mappings: [answer] }, { lab }) => {
    const has = (word: string, host: string) => new RegExp(`^${word} ${host}$`, 'm').test(answer?.text ?? '')
    return nodesWith(lab, 'compute')
      .filter(({ name }) => has('registered', name) && !has('mapped', name))
      .map(({ name }) => ({
        about: name,
        evidence: [`nova.compute_nodes has ${name}, nova_api.host_mappings has not`],
        next: `./lab ssh ${controllerOf(lab).name} nova-manage cell_v2 discover_hosts --verbose`,
        fix: { service: 'nova' as const },
        explains: ['no-room'],
      }))
  },
})

interface ComputeService extends ServiceState {
  id: string
  disabled_reason: string | null
  forced_down: boolean
  updated_at: string
}

/** From 2.11 on a service says whether somebody has forced it down. */
const services: CloudRead<ComputeService[]> = {
  ask: async (cloud) =>
    (
      await cloud.get<{ services: ComputeService[] }>('compute', '/os-services?binary=nova-compute', {
        headers: { 'OpenStack-API-Version': 'compute 2.53' },
      })
    ).services,
}

export const computeDisabled = rule({
  symptom: '`No valid host was found`, though the compute node runs and is up',
  cause: 'its nova-compute is disabled or forced down in Nova, by somebody or by Nova itself after failed launches',
  remedy: 'enable it again, when it was not meant',
  service: 'nova',
  reads: { services },
  judge: ({ services: all }) =>
    all
      .filter(({ status, forced_down }) => status !== 'enabled' || forced_down)
      .map(({ host, status, disabled_reason, forced_down }) => ({
        about: host,
        evidence: [
          `nova-compute on ${host}: ${status}${forced_down ? ', forced down' : ''}${disabled_reason ? ` (${disabled_reason})` : ''}`,
        ],
        next: `./lab openstack compute service set ${forced_down ? '--up' : '--enable'} ${host} nova-compute`,
        explains: [`compute-down ${host}`, 'no-room'],
      })),
})

export const computeDown = rule({
  symptom: 'a compute node takes no instances: its nova-compute is down',
  cause: 'it runs, but Nova has not heard from it: it cannot report, or hangs',
  remedy: 'look at its log; a hanging one is helped by a restart',
  service: 'nova',
  reads: { services },
  judge: ({ services: all }, { lab }) =>
    nodesWith(lab, 'compute').flatMap(({ name }) => {
      const found = all.find(({ host }) => host === name)
      if (found && (found.state === 'up' || found.forced_down)) return []
      return [
        {
          about: name,
          evidence: [
            found
              ? `nova-compute on ${name}: ${found.state}, last heard of at ${found.updated_at}`
              : `no nova-compute of ${name} is registered`,
          ],
          next: lookAtUnit(name, 'nova-compute', '/var/log/nova/nova-compute.log'),
          fix: { node: name, script: 'systemctl restart nova-compute' },
        },
      ]
    }),
})

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
                `${kind} ${usages[kind] ?? 0} used of ${Math.floor((total - reserved) * allocation_ratio)} (${total} less ${reserved} reserved)`,
            )
            return `Placement: ${name}: ${amounts.join(', ') || 'has nothing'}`
          }),
        )
    return { candidates, providers }
  },
}

export const noRoom = rule({
  symptom: '`No valid host was found. There are not enough hosts available.`',
  cause:
    'no compute node has room for an instance of the declared flavor: too many instances, too much reserved, or a flavor larger than the node',
  remedy: 'delete instances, declare a smaller flavor, or give compute nodes more memory or disk',
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
  /** Servers and migrations, read before and after. */
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
    // A server that came or went between the two readings is no orphan.
    return { consumers: lists.flat(), known: new Set([...before, ...(await readKnown())]) }
  },
}

export const orphanAllocation = rule({
  symptom: '`No valid host was found`, though hardly any instance is there',
  cause: 'Placement still counts room for an instance that no longer exists: a delete or a launch was cut off',
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

const virtType: ShellRead = {
  on: 'compute',
  script: () => `
DAEMON_ARGS='--config-file=/etc/nova/nova-compute.conf'
[ -r /etc/default/nova-compute ] && . /etc/default/nova-compute
for word in $DAEMON_ARGS; do file=\${word#--config-file=}; [ -r "$file" ] && sed -nE "s|^virt_type *= *|type $file |p" "$file"; done | tail -n 1
if [ -c /dev/kvm ] && [ -r /dev/kvm ]; then echo 'kvm usable'; else echo "kvm $(ls -l /dev/kvm 2>&1)"; fi`,
}

export const virtTypeWrong = rule({
  symptom: '`could not find capabilities for domaintype=kvm`: every launch on this node ends in ERROR',
  cause:
    'nova-compute is told to use KVM, and the node has no usable /dev/kvm: nested virtualization is off, or the node is a container',
  remedy: 'set virt_type = qemu: slower, but it works',
  service: 'nova',
  reads: { virtType },
  judge: ({ virtType: seen }) =>
    seen.flatMap(({ at, text }) => {
      const [, file, type] = /^type (\S+) (\S+)$/m.exec(text) ?? []
      const kvm = /^kvm (.*)$/m.exec(text)?.[1] ?? ''
      if (type !== 'kvm' || kvm === 'usable') return []
      return [
        {
          about: at,
          evidence: [`${at}: ${file}: virt_type = kvm`, `${at}: ${kvm}`],
          next: 'npx tsx scripts/provision.ts nova',
          fix: { service: 'nova' as const },
          explains: [`unit-down ${at}/nova-compute`, `compute-down ${at}`],
        },
      ]
    }),
})

const files: ShellRead = {
  on: 'compute',
  script: () => `
for folder in /var/lib/nova /var/lib/nova/instances; do
  runuser -u nova -- test -w $folder || echo "unwritable $(stat -c '%n %U:%G %a' $folder 2>&1)"
done`,
}

export const instanceFiles = rule({
  symptom: '`Permission denied` on the disk: launches end in ERROR, instances do not start again',
  cause: "Nova's folder for instances is not Nova's any more",
  remedy: 'give it back to nova:nova; what is in it stays as it is, for disks belong to QEMU while an instance runs',
  service: 'nova',
  reads: { files },
  judge: ({ files: seen }) =>
    seen.flatMap(({ at, text }) => {
      const wrong = [...text.matchAll(/^unwritable (.*)$/gm)].map(([, line]) => line!)
      if (wrong.length === 0) return []
      const script =
        'chown nova:nova /var/lib/nova /var/lib/nova/instances && chmod u+rwx /var/lib/nova /var/lib/nova/instances'
      return [
        {
          about: at,
          evidence: wrong.map((line) => `${at}: not writable for nova: ${line}`),
          next: `./lab ssh ${at} '${script}'`,
          fix: { node: at, script },
          explains: [`unit-down ${at}/nova-compute`],
        },
      ]
    }),
})

export const instanceError = rule({
  symptom: 'an instance is in ERROR',
  cause: 'its launch or its last action failed; Nova keeps the reason',
  remedy: 'mend what the reason names, then reboot the instance hard or delete it',
  service: 'nova',
  reads: { servers },
  judge: ({ servers: all }) =>
    all
      .filter(({ status }) => status === 'ERROR')
      .map((server: FullServer) => ({
        about: server.name,
        evidence: [
          `server ${server.name} (${server.id}): ERROR since ${server.updated}: ${server.fault?.message ?? 'no reason given'}`,
        ],
        next: `./lab openstack server show ${server.id}; ./lab openstack server reboot --hard ${server.id}`,
        explains: [`instance-silent ${server.name}`],
      })),
})
