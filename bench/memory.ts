/** The memory of each unit on a node: anonymous pages, with pages that its processes share counted once. */

import { table } from '../scripts/terminal/table.ts'

export interface UnitMemory {
  node: string
  unit: string
  processes: number
  mib: number
}

/** Prints `UNIT KIB` for each process of a unit; the kernel divides a shared page among its processes. */
export const memoryScript = (processes = '/proc/[0-9]*') => `
for process in ${processes}; do
  unit=$(grep -oE '[^/:]+\\.service' "$process/cgroup" 2>/dev/null | tail -n 1) || continue
  awk -v unit="$unit" '/^Pss_(Anon|Shmem):/{sum += $2} END{if (sum) print unit, sum}' "$process/smaps_rollup" 2>/dev/null || true
done`

/** Largest first. */
export function parseMemory(node: string, output: string): UnitMemory[] {
  const units = new Map<string, UnitMemory>()
  for (const [, name, kib] of output.matchAll(/^(\S+)\.service (\d+)$/gm)) {
    const unit = units.get(name!) ?? { node, unit: name!, processes: 0, mib: 0 }
    unit.processes += 1
    unit.mib += Number(kib) / 1024
    units.set(name!, unit)
  }
  return [...units.values()].toSorted((left, right) => right.mib - left.mib)
}

export function showMemory(units: readonly UnitMemory[]): string {
  const rows = units.map(({ node, unit, processes, mib }) => [node, unit, String(processes), mib.toFixed(0)])
  const sum = units.reduce((total, { mib }) => total + mib, 0)
  return [
    ...table([['node', 'unit', 'processes', 'MiB'], ...rows], { indent: '', numbersFrom: 2 }),
    `${sum.toFixed(0)} MiB in all`,
  ].join('\n')
}
