/** Formats the plan for a terminal. */

import { showElapsed, showGiB } from '../../terminal/amounts.ts'
import { table } from '../../terminal/table.ts'
import { visibleIn } from '../../terminal/visible.ts'
import type { Download } from './downloads.ts'
import type { Estimate } from './estimate.ts'
import type { LabPlan, PlannedService } from './lab-plan.ts'

export interface Machine {
  cpus: number
  memoryMiB: number
  availableMiB: number
  /** Where the nodes' disks would be stored. */
  freeDiskMiB: number
}

function showNodes({ nodes }: LabPlan): string[] {
  return [
    'nodes',
    ...table(
      nodes.map(({ name, roles, vcpus, memoryMiB, diskGiB, volumeDiskGiB }) => [
        name,
        roles.join(', '),
        `${vcpus} CPUs`,
        showGiB(memoryMiB),
        `disk ${diskGiB} GiB${volumeDiskGiB ? `, volumes ${volumeDiskGiB} GiB` : ''}`,
      ]),
    ),
    ...table(
      nodes.flatMap(({ name, interfaces }) =>
        interfaces.map((one) => [
          `  ${name} ${one.name}`,
          one.mac ?? '52:54:00:…',
          one.address ?? 'no address',
          one.network,
        ]),
      ),
    ),
    ...(nodes.some(({ interfaces }) => interfaces.some(({ mac }) => mac === null))
      ? ["    (MAC addresses follow from the lab's id, which is generated at the first up)"]
      : []),
  ]
}

function showNetworks({ networks }: LabPlan): string[] {
  const rows = networks.map(({ name, cidr, hostAddress, vlan, bridge }) => [
    name,
    cidr,
    [vlan ? `tag ${vlan}` : '', hostAddress ? `this machine ${hostAddress}` : '', bridge ?? '']
      .filter(Boolean)
      .join(', '),
  ])
  const pools = networks.flatMap(({ name, pool }) => (pool ? [`  instances on ${name}: ${pool[0]} to ${pool[1]}`] : []))
  return ['networks', ...table(rows), ...pools]
}

function showServices({ services }: LabPlan): string[] {
  const ofNode = ({ nodes }: PlannedService) =>
    nodes.map(({ node, ports }) => (ports.length ? `${node}:${ports.join(',')}` : node)).join(' ')
  const rows = services.map((service) => [
    service.name,
    ofNode(service),
    service.needs.length ? `after ${service.needs.join(' ')}` : 'first',
  ])
  const databases = services.flatMap((service) => service.databases)
  const users = services.flatMap((service) => service.users)
  return [
    'services, by node with their ports',
    ...table(rows),
    'databases',
    ...wrap(databases, ' ').map((line) => `  ${line}`),
    'Keystone users',
    ...wrap(users, ' ').map((line) => `  ${line}`),
    'endpoints',
    ...table(services.flatMap(({ endpoints }) => endpoints.map(({ type, url }) => [type, url]))),
  ]
}

function showEstimate({ seconds, from, chain }: Estimate): string[] {
  const rows = chain.map(({ stack, name, seconds: own }) => [
    name === 'whole' || name === 'all' ? stack : name,
    showElapsed(own * 1000),
  ])
  return [
    `about ${showElapsed(seconds * 1000)} (${from})`,
    'critical path:',
    ...wrap(
      rows.map(([name, time]) => `${name} ${time}`),
      ' → ',
    ).map((line) => `  ${line}`),
  ]
}

/** Items in lines of up to 74 characters; `between` precedes each item that follows another. */
function wrap(words: readonly string[], between: string): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    const piece = last === undefined ? word : `${between}${word}`
    if (last !== undefined && last.length + piece.length <= 74) lines[lines.length - 1] = last + piece
    else lines.push(piece.trimStart())
  }
  return lines
}

export interface ShownPlan {
  plan: LabPlan
  because: { hypervisor: string; isolation: string }
  /** What this machine cannot give the lab, one sentence each. */
  leftOut: readonly string[]
  /** Null without Cinder. */
  volumeBackend: string | null
  /** What `up` asks of this machine: the nodes' memory and what is kept for the machine; everything that is written. */
  needs: { memoryMiB: number; diskMiB: number }
  machine: Machine
  downloads: readonly Download[]
  estimate: Estimate
}

export function showPlan(shown: ShownPlan): string {
  const { plan, because, leftOut, volumeBackend, needs, machine, downloads, estimate } = visibleIn(shown)
  const { totals, cloud } = plan
  return [
    `lab ${plan.name}${plan.id ? ` (${plan.id})` : ''}`,
    `  nodes: ${plan.hypervisor}: ${because.hypervisor}`,
    `  isolation: ${plan.isolation}: ${because.isolation}`,
    ...(plan.stockImage ? [`  image: ${plan.stockImage}; packages are installed during the deploy`] : []),
    ...(leftOut.length ? ['left out', ...leftOut.map((line) => `  ${line}`)] : []),
    ...showNodes(plan),
    ...showNetworks(plan),
    ...showServices(plan),
    'what the cloud will contain',
    `  instance ${cloud.instance} (${cloud.flavor})${cloud.volumeGiB ? `, a volume of ${cloud.volumeGiB} GiB` : ''}`,
    ...(volumeBackend ? [`  volumes: backend ${volumeBackend}`] : []),
    'to download or build first',
    ...(downloads.length
      ? table(downloads.map(({ what, detail }) => [what, detail]))
      : ['  nothing, everything is cached']),
    'totals compared with this machine',
    ...table([
      ['CPUs', `${totals.vcpus}`, `of ${machine.cpus}, shared`],
      [
        'memory',
        `${showGiB(needs.memoryMiB)}, ${showGiB(totals.memoryMiB)} of it for the nodes`,
        `of ${showGiB(machine.memoryMiB)}, ${showGiB(machine.availableMiB)} available`,
      ],
      ['disk', `up to ${showGiB(needs.diskMiB)}`, `${showGiB(machine.freeDiskMiB)} free`],
    ]),
    'time',
    ...showEstimate(estimate).map((line) => `  ${line}`),
  ].join('\n')
}
