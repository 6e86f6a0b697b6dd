/**
 * The memory, disk and processors that Nova offers on a compute node, by the rules of its release (Zed) and the lab's
 * overrides.
 */

import type { Checked } from './check.ts'

/** Of one node, for one instance and for all of them together. */
export interface Offer {
  /** No single instance may have more: Placement's `max_unit`. */
  single: number
  /** Placement's capacity: (total - reserved) * ratio. */
  together: number
}

/** Nova's defaults, which the services leave as they are. Overcommit of memory is 1.5 until ram_allocation_ratio says otherwise. */
export const novaDefaults = {
  reserved_host_memory_mb: 512,
  initial_ram_allocation_ratio: 1.5,
  reserved_host_disk_mb: 0,
  initial_disk_allocation_ratio: 1,
} as const

/** The files that nova-compute reads; a later one wins. */
const files = ['/etc/nova/nova.conf', '/etc/nova/nova-compute.conf', '/etc/nova/nova-compute-kvm.conf']

/** A number that the declaration overrides. */
function overridden(all: Checked<unknown>, key: string): number | undefined {
  const values = files.flatMap((file) => {
    const given = all.field<unknown>('lab_config_overrides', file, 'DEFAULT', key)?.value
    const value = Number(given)
    return given === undefined || given === '' || Number.isNaN(value) ? [] : [value]
  })
  return values.at(-1)
}

const settingOf = (all: Checked<unknown>, key: keyof typeof novaDefaults) => overridden(all, key) ?? novaDefaults[key]

/** Nova treats a ratio of 0 as not set. */
const ratioOf = (all: Checked<unknown>, kind: 'ram' | 'disk') =>
  overridden(all, `${kind}_allocation_ratio`) || settingOf(all, `initial_${kind}_allocation_ratio`)

/**
 * A machine's kernel takes about 48 MiB and 1 MiB of 64 for its page structures before anybody sees the rest. Nova is told
 * all of a container's limit (services/nova-container.ts): what fits into a machine of that size fits there.
 */
const seenMiB = (memoryMiB: number) => Math.floor(memoryMiB - memoryMiB / 64 - 48)

/** MiB. */
export function offeredMemory(all: Checked<unknown>, memoryMiB: number): Offer {
  const seen = seenMiB(memoryMiB)
  const reserved = settingOf(all, 'reserved_host_memory_mb')
  return { single: seen, together: Math.max(0, Math.floor((seen - reserved) * ratioOf(all, 'ram'))) }
}

/** GiB: a file system keeps about a fiftieth of its disk for itself, and Nova counts whole ones. */
export function offeredDisk(all: Checked<unknown>, diskGiB: number): Offer {
  const seen = Math.floor(diskGiB * 0.98)
  const reserved = settingOf(all, 'reserved_host_disk_mb') / 1024
  return { single: seen, together: Math.max(0, Math.floor((seen - reserved) * ratioOf(all, 'disk'))) }
}

/** Explains how the offered memory is computed. */
export function explainMemory(all: Checked<unknown>): string {
  const [reserved, ratio] = [settingOf(all, 'reserved_host_memory_mb'), ratioOf(all, 'ram')]
  return `Nova keeps ${reserved} MiB for the node (reserved_host_memory_mb) and lends the rest ${ratio} times (ram_allocation_ratio)`
}
