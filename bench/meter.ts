/** What a lab uses of this machine: CPU time, memory and bytes written by its processes, read from /proc. */

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

export interface Usage {
  cpuSeconds: number
  writtenMiB: number
}

export interface Process {
  pid: number
  parent: number
  /** For itself and the children it has waited for. */
  ticks: number
  network: string
  writtenBytes: number
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
    return {
      pid,
      ...parseStat(read('stat')),
      network: readlinkSync(`/proc/${pid}/ns/net`),
      writtenBytes: keyOf(read('io'), 'write_bytes') - keyOf(read('io'), 'cancelled_write_bytes'),
    }
  } catch {
    // It has ended in the meantime.
    return undefined
  }
}

export function readProcesses(): Process[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []))
}

/**
 * The processes below `root`, and those in the lab's network namespace with all their descendants: libvirtd and the
 * nodes start there, whatever their parent is now.
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
  }
}

/** Anonymous memory of a process; the kernel divides a shared page among its processes. 0 if it has ended. */
function readMemory({ pid }: Process): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return keyOf(rollup, 'Pss_Anon') + keyOf(rollup, 'Pss_Shmem')
  } catch {
    return 0
  }
}

export const sumMemoryMiB = (processes: readonly Process[]): number =>
  processes.reduce((total, one) => total + readMemory(one), 0) / 1024

/** The kernel walks all pages of a process to compute its share: this must not affect what is measured. */
const pollSeconds = 10

export interface Meter {
  /** Runs the work; returns what it used. */
  time(work: () => Promise<unknown>): Promise<{ seconds: number; cpuSeconds: number; writtenMiB: number }>
  /** The highest sum of anonymous memory so far, with shared pages counted once. */
  peakMiB(): number
  stop(): void
}

/** Measures this process and its descendants, and the lab in the network namespace at `networkPath` once it exists. */
export function startMeter(networkPath: () => string | undefined): Meter {
  let peak = 0
  const lab = () => {
    const path = networkPath()
    const inode = path && statSync(path, { throwIfNoEntry: false })?.ino
    return selectLab(readProcesses(), process.pid, inode ? `net:[${inode}]` : undefined)
  }
  const weigh = () => {
    peak = Math.max(peak, sumMemoryMiB(lab()))
  }
  const timer = setInterval(weigh, pollSeconds * 1000)
  return {
    async time(work) {
      const before = sumUsage(lab())
      const start = performance.now()
      await work()
      const seconds = (performance.now() - start) / 1000
      weigh()
      const after = sumUsage(lab())
      return {
        seconds,
        cpuSeconds: Math.max(0, after.cpuSeconds - before.cpuSeconds),
        // The counters of a process that ended without being waited for are lost.
        writtenMiB: Math.max(0, after.writtenMiB - before.writtenMiB),
      }
    },
    peakMiB: () => peak,
    stop: () => clearInterval(timer),
  }
}
