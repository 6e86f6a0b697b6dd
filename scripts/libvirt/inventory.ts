/**
 * Everything on this machine that carries the lab's id, read at once; also if libvirtd is dead or the state is lost.
 */

import type { LabHandle } from '../declaration/lab.ts'
import { controlFolders, netnsPath } from '../run/paths.ts'
import { runOnHost } from '../run/process.ts'
import { parseProcessRow, selectProcesses } from '../run/processes.ts'
import { timeouts } from '../run/timeouts.ts'
import { inventoryScript } from './inventory-script.ts'
import { type LibvirtDomain, type LibvirtObject, parseLibvirtObjects } from './xml.ts'

/** Everything found; if all lists are empty, nothing is left. */
export interface Inventory {
  domains: LibvirtDomain[]
  networks: LibvirtObject[]
  pools: LibvirtObject[]
  /** Paths of the files in the lab's pools. */
  volumes: string[]
  /** Names of network namespaces. */
  namespaces: string[]
  /** Mount points. */
  mounts: string[]
  /** Bridges in the network namespace of the caller. */
  links: string[]
  processes: { pid: number; program: string }[]
  cgroups: string[]
  directories: string[]
  /** Of the lab, in this machine's firewall. */
  rules: string[]
}

type LabKey = Pick<LabHandle, 'id' | 'isolation' | 'libvirtUris' | 'paths'>

/** Reads what carries the lab's id. The calling process, its parents and what they run inside the lab do not count. */
export async function readInventory(lab: LabKey): Promise<Inventory> {
  const { stdout } = await runOnHost('bash', ['-s'], {
    step: `inventory of lab ${lab.id}`,
    root: true,
    input: inventoryScript({
      id: lab.id,
      data: lab.paths.data,
      uris: Object.values(lab.libvirtUris),
      netns: netnsPath(lab),
      folders: controlFolders(lab),
      firewall: lab.isolation === 'none',
    }),
    timeoutSeconds: timeouts.machine.inventory.seconds,
  })
  return parseInventory(stdout, lab, process.pid)
}

/** From the script's lines `kind<TAB>fields…`. `own` is the process whose line is spared. */
export function parseInventory(
  output: string,
  lab: Pick<LabKey, 'id' | 'isolation' | 'paths'>,
  own: number,
): Inventory {
  const rows = output
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
  const of = (kind: string) => rows.filter((row) => row[0] === kind).map((row) => row.slice(1))
  const names = (kind: string) => [...new Set(of(kind).map(([name]) => name!))].sort()
  const processes = selectProcesses(of('process').map(parseProcessRow), {
    netns: of('netns')[0]?.[0],
    hostNet: of('hostnet')[0]?.[0],
    own,
  })
  const xml = of('xml').map(([text]) => Buffer.from(text ?? '', 'base64').toString())
  return {
    ...parseLibvirtObjects(xml.join('\n'), lab),
    volumes: names('volume'),
    namespaces: names('namespace'),
    mounts: names('mount'),
    links: names('link'),
    processes: processes.map(({ pid, program }) => ({ pid, program })),
    cgroups: names('cgroup'),
    directories: names('directory'),
    rules: names('rule'),
  }
}

/** The message of a removal that left something; `list` is the result of `describeInventory`. */
export const describeLeft = (lab: Pick<LabHandle, 'id'>, list: readonly string[]): string =>
  `still on this machine with lab id ${lab.id}:\n${list.map((item) => `  ${item}`).join('\n')}`

/** One line for each thing found. */
export function describeInventory(inventory: Inventory): string[] {
  const lines = (kind: string, names: readonly string[]) => names.map((name) => `${kind} ${name}`)
  return [
    ...lines(
      'domain',
      inventory.domains.map(({ name }) => name),
    ),
    ...lines(
      'network',
      inventory.networks.map(({ name }) => name),
    ),
    ...lines(
      'pool',
      inventory.pools.map(({ name }) => name),
    ),
    ...lines('volume', inventory.volumes),
    ...lines('network namespace', inventory.namespaces),
    ...lines('mount', inventory.mounts),
    ...lines('interface', inventory.links),
    ...lines(
      'process',
      inventory.processes.map(({ pid, program }) => `${pid} ${program}`),
    ),
    ...lines('cgroup', inventory.cgroups),
    ...lines('directory', inventory.directories),
    ...lines('firewall rule', inventory.rules),
  ]
}
