/** Facts about this machine, read once before anything is changed; every check is a pure function of them. */

import { readFileSync, statSync } from 'node:fs'
import { arch, cpus } from 'node:os'
import { join } from 'node:path'
import type { Identity, TerraformProgram } from '../declaration/identity.ts'
import { type LibvirtFacts, readLibvirtFacts } from '../libvirt/facts.ts'
import { isRoot, rootPrefix, runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { readTerraformFacts, type TerraformFacts } from '../terraform/facts.ts'
import { type DiskFact, readDisks } from './disk-facts.ts'
import { type InotifyFacts, readInotify } from './inotify.ts'
import { type BridgeFilterFacts, readBridgeFilter } from './kernel-modules.ts'
import { installedPackages } from './packages.ts'
import { readSources, type SourceFact } from './source-facts.ts'
import { type AppArmorFacts, type NameFacts, readAppArmor, readNames } from './surrounding-facts.ts'

export interface HostFacts {
  /** os-release: `debian`, `12`, `Debian GNU/Linux 12 (bookworm)`; and Node's word for the processor, `x64`. */
  system: { id: string; version: string; name: string; architecture: string }
  /** `20.19.4` */
  nodeVersion: string
  /** Root's rights without a password. */
  root: boolean
  memory: { totalMiB: number; availableMiB: number }
  disks: DiskFact[]
  /** TCP ports in use on 127.0.0.1 or every address. */
  ports: number[]
  /** Where this host sends packets to, without the default route. */
  routes: { range: string; device: string }[]
  /** `2 × AMD EPYC` */
  processor: string
  /** vmx or svm is in the CPU's flags. */
  cpuVirtualization: boolean
  /** systemd is process 1. */
  systemd: boolean
  libvirt: LibvirtFacts
  /** Of the packages that a lab may need, those that are installed. */
  packages: ReadonlySet<string>
  terraform: TerraformFacts
  appArmor: AppArmorFacts
  bridgeFilter: BridgeFilterFacts
  names: NameFacts
  /** Absent if it could not be asked. */
  inotify?: InotifyFacts
  /** This machine's clock, and the time of the newest file of this checkout, which was not written later than now. */
  clock: { now: Date; newestFile: Date }
  /** Absent if nobody asked: a lab whose packages and image are there needs none. */
  sources?: SourceFact[]
}

export interface HostQuestions {
  /** Also asks the package sources, which takes a moment. */
  sources: boolean
  /** Looks for this program alone. */
  terraform?: TerraformProgram['name']
}

/** Reads it all at the same time; changes nothing. */
export async function readHostFacts(
  root: string,
  identity?: Identity,
  ask: HostQuestions = { sources: false },
): Promise<HostFacts> {
  const libvirt = readLibvirtFacts()
  const sources = ask.sources ? readSources() : undefined
  const [sudo, disks, sockets, routes, packages, terraform, names] = await Promise.all([
    hasRoot(),
    readDisks(root, identity?.id),
    read('ss', ['-Hltn']),
    read('ip', ['-4', '-o', 'route', 'show', 'table', 'all']),
    installedPackages(),
    readTerraformFacts(root, identity, ask.terraform),
    readNames(),
  ])
  const asked = await sources
  // Not before: sudo must not ask here.
  const inotify = sudo ? await readInotify() : undefined
  return {
    system: readSystem(),
    nodeVersion: process.versions.node,
    root: sudo,
    memory: parseMemory(readText('/proc/meminfo')),
    disks,
    ports: parsePorts(sockets),
    routes: parseRoutes(routes),
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() || 'unknown'}`,
    cpuVirtualization: /^flags\s*:.*\b(vmx|svm)\b/m.test(readText('/proc/cpuinfo')),
    systemd: readText('/proc/1/comm').trim() === 'systemd',
    libvirt: await libvirt,
    packages,
    terraform,
    appArmor: readAppArmor(),
    bridgeFilter: readBridgeFilter(),
    names,
    clock: { now: new Date(), newestFile: statSync(join(root, 'package.json')).mtime },
    ...(inotify ? { inotify } : {}),
    ...(asked ? { sources: asked } : {}),
  }
}

async function hasRoot(): Promise<boolean> {
  if (isRoot) return true
  try {
    const [file = '', ...args] = [...rootPrefix({ ask: false }), 'true']
    return (await runOnHost(file, args, { step: 'sudo', allow: [0, 1] })).exitCode === 0
  } catch {
    return false
  }
}

/** A program's output, or nothing where it fails or is missing: what it would tell is then checked later. */
async function read(file: string, args: string[]): Promise<string> {
  try {
    return (await runOnHost(file, args, { step: `read ${file}`, timeoutSeconds: timeouts.machine.glimpse.seconds }))
      .stdout
  } catch {
    return ''
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function readSystem(): HostFacts['system'] {
  const release = readText('/etc/os-release')
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? ''
  return { id: value('ID'), version: value('VERSION_ID'), name: value('PRETTY_NAME'), architecture: arch() }
}

export function parseMemory(meminfo: string): HostFacts['memory'] {
  const value = (key: string) =>
    Math.floor(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? 0) / 1024)
  return { totalMiB: value('MemTotal'), availableMiB: value('MemAvailable') }
}

/** From `ss -Hltn`; ports bound to another address alone do not collide with 127.0.0.1. */
export function parsePorts(output: string): number[] {
  const ports = output
    .split('\n')
    .map((line) => /^\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s/.exec(line))
    .filter((match) => match && /^(127\.0\.0\.1|0\.0\.0\.0|\*|\[::\])(%\S+)?$/.test(match[1]!))
  return [...new Set(ports.map((match) => Number(match![2])))]
}

/** From `ip -4 -o route show table all`: ranges and single addresses, the loopback's own left out. */
export function parseRoutes(output: string): HostFacts['routes'] {
  return output
    .split('\n')
    .map((line) => /^(?:(local|broadcast|unreachable|blackhole) )?([\d.]+(?:\/\d+)?) (?:.* )?dev (\S+)/.exec(line))
    .filter((match) => match !== null && match[1] !== 'broadcast' && match[3] !== 'lo')
    .map((match) => ({ range: match![2]!.includes('/') ? match![2]! : `${match![2]}/32`, device: match![3]! }))
}
