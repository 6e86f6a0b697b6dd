/** The saves as a person reads them. */

import { showMiB } from '../terminal/amounts.ts'
import { table } from '../terminal/table.ts'
import type { Save } from './saves.ts'

/** `2026-11-29 15:04` in UTC. */
const showMoment = (created: string) => `${created.slice(0, 16).replace('T', ' ')} UTC`

/** `current`: the id of the lab that is here. */
export function listSaves(saves: readonly Save[], current: string | undefined): string {
  if (saves.length === 0) return 'no saves; ./lab save NAME makes one'
  const rows = saves.map(({ name, created, bytes, id, lab, hypervisor, nodes }) => [
    name,
    showMoment(created),
    showMiB(bytes),
    `${lab} ${id} (${hypervisor}: ${nodes.join(', ')})${id === current ? '' : current ? ', another lab' : ', removed'}`,
  ])
  return [...table(rows, { indent: '' }), '', './lab restore NAME brings the lab back to one of them'].join('\n')
}

/** After `down`: what is left on purpose. */
export function describeKept(saves: readonly Save[]): string {
  const total = saves.reduce((sum, { bytes }) => sum + bytes, 0)
  const names = [...new Set(saves.map(({ name }) => name))].join(', ')
  return `down: kept: ${saves.length === 1 ? 'one save' : `${saves.length} saves`} (${names}; ${showMiB(total)}); ./lab restore NAME brings the lab back, ./lab down --purge removes them`
}
