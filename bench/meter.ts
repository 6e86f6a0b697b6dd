/** What a lab takes of this machine: CPU time, memory and written bytes of its processes, read from /proc. */

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

export interface Usage {
  cpuSeconds: number
  writtenMiB: number
  anonymousMiB: number
}

export interface Process {
  pid: number
  parent: number
  /** Of itself and of the children that it has fetched. */
  ticks: number
  network: string
  writtenBytes: number
  anonymousKiB: number
}

const ticksPerSecond = 100

/** `/proc/PID/stat`: the name in brackets may itself hold brackets and spaces. */
export function parseStat(text: string): { parent: number; ticks: number } {
  const words = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const at = (field: number) => Number(words[field - 3])
  return { parent: at(4), ticks: at(14) + at(15) + at(16) + at(17) }
}

const keyOf = (text: string, key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)

function readProcess(pid: number): Process | undefined {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  try {
    const status = read('status')
    return {
      pid,
      ...parseStat(read('stat')),
      network: readlinkSync(`/proc/${pid}/ns/net`),
      writtenBytes: keyOf(read('io'), 'write_bytes') - keyOf(read('io'), 'cancelled_write_bytes'),
      anonymousKiB: keyOf(status, 'RssAnon') + keyOf(status, 'RssShmem'),
    }
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}

export function readProcesses(): Process[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []))
}

/**
 * The processes below `root`, and those in the lab's network namespace with all below them: libvirtd and the nodes
 * begin there, whoever their parent is by now.
 */
export function selectLab(processes: readonly Process[], root: number, network: string | undefined): Process[] {
  const children = new Map<number, Process[]>()
  for (const one of processes) children.set(one.parent, [...(children.get(one.parent) ?? []), one])
  const chosen = new Map<number, Process>()
  const take = (one: Process) => {
    if (chosen.has(one.pid)) return
    chosen.set(one.pid, one)
    for (const child of children.get(one.pid) ?? []) take(child)
  }
  for (const one of processes) if (one.pid === root || (network && one.network === network)) take(one)
  return [...chosen.values()]
}

export function sumUsage(processes: readonly Process[]): Usage {
  const sum = (of: (one: Process) => number) => processes.reduce((total, one) => total + of(one), 0)
  return {
    cpuSeconds: sum(({ ticks }) => ticks) / ticksPerSecond,
    writtenMiB: sum(({ writtenBytes }) => writtenBytes) / 2 ** 20,
    anonymousMiB: sum(({ anonymousKiB }) => anonymousKiB) / 1024,
  }
}

const pollSeconds = 2

export interface Meter {
  /** Runs it; gives what it took. */
  time(work: () => Promise<unknown>): Promise<{ seconds: number; cpuSeconds: number; writtenMiB: number }>
  /** The highest sum of anonymous memory that was met so far. */
  peakMiB(): number
  stop(): void
}

/** Measures this process with all below it, and the lab in the network namespace at `networkPath` once that is there. */
export function startMeter(networkPath: () => string | undefined): Meter {
  let peak = 0
  const look = () => {
    const path = networkPath()
    const inode = path && statSync(path, { throwIfNoEntry: false })?.ino
    const usage = sumUsage(selectLab(readProcesses(), process.pid, inode ? `net:[${inode}]` : undefined))
    peak = Math.max(peak, usage.anonymousMiB)
    return usage
  }
  const timer = setInterval(look, pollSeconds * 1000)
  return {
    async time(work) {
      const before = look()
      const start = performance.now()
      await work()
      const seconds = (performance.now() - start) / 1000
      const after = look()
      return {
        seconds,
        cpuSeconds: Math.max(0, after.cpuSeconds - before.cpuSeconds),
        // With a process that ended unfetched goes what it has counted.
        writtenMiB: Math.max(0, after.writtenMiB - before.writtenMiB),
      }
    },
    peakMiB: () => peak,
    stop: () => clearInterval(timer),
  }
}
