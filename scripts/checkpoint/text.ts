/** The saves as a person reads them. */

import { showMiB } from '../terminal/amounts.ts'
import { table } from '../terminal/table.ts'
import type { Save } from './saves.ts'

/** `2026-11-29 15:04` in UTC. */
const showMoment = (created: string) => `${created.slice(0, 16).replace('T', ' ')} UTC`

/** `current`: the id of the lab that is here; `unreadable`: names of its saves that cannot be read. */
export function listSaves(
  saves: readonly Save[],
  current: string | undefined,
  unreadable: readonly string[] = [],
): string {
  const damaged = unreadable.map((name) => `${name} is damaged, or was saved by another version of this tool`)
  if (saves.length === 0) return ['no saves; ./lab save NAME makes one', ...damaged].join('\n')
  const rows = saves.map(({ name, created, bytes, id, lab, hypervisor, nodes, memory }) => [
    name,
    showMoment(created),
    showMiB(bytes),
    `${lab} ${id} (${hypervisor}${memory ? ', with memory' : ''}: ${nodes.join(', ')})${id === current ? '' : current ? ', another lab' : ', removed'}`,
  ])
  return [...table(rows, { indent: '' }), ...damaged, '', './lab restore NAME brings the lab back to one of them'].join(
    '\n',
  )
}

/** `one save`, `2 saves`. */
export const countSaves = (number: number) => (number === 1 ? 'one save' : `${number} saves`)

/** After `down`: what is left on purpose; `unreadable` are the folders of saves that cannot be read. */
export function describeKept(saves: readonly Save[], unreadable: readonly string[] = []): string {
  const total = saves.reduce((sum, { bytes }) => sum + bytes, 0)
  const names = [...new Set(saves.map(({ name }) => name))].join(', ')
  const kept = `${countSaves(saves.length)} (${names}; ${showMiB(total)}); ./lab restore NAME brings the lab back, ./lab down --purge removes them`
  const damaged = `${unreadable.join(', ')}: damaged, or saved by another version of this tool; sudo rm -r removes it`
  return [...(saves.length > 0 ? [kept] : []), ...(unreadable.length > 0 ? [damaged] : [])]
    .map((text) => `down: kept: ${text}`)
    .join('\n')
}
