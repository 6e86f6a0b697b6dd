/** The ids that belong to a launch, found in what was collected. */

import type { LaunchIds, RecordedFile } from './evidence.ts'
import { parseWireLine } from './parse-wire.ts'

/** Rows of a table as maps from column to value. */
export function rowsOf(files: readonly RecordedFile[], table: string): Record<string, string>[] {
  const [head = '', ...rows] = files.find(({ file }) => file === `mariadb:${table}`)?.lines ?? []
  const columns = head.split('\t')
  return rows.map((row) => {
    const cells = row.split('\t')
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))
  })
}

/** Of an instance's own cell, and of the one where those are that no host could take. */
export const actionTables = ['nova.instance_actions', 'nova_cell0.instance_actions'] as const

const present = (value: string | undefined): value is string => Boolean(value) && value !== 'NULL'

/**
 * Nova's own request id: every message contains it beside the client's, even if no instance was created. In Neutron's
 * and Cinder's messages it is their own.
 */
export function localRequests(
  files: readonly RecordedFile[],
  globalRequest: string | undefined,
  exchange = 'nova',
): string[] {
  if (!globalRequest) return []
  const lines = files.filter(({ file }) => file.endsWith('/wire.log')).flatMap(({ lines }) => lines)
  const found = lines
    .filter((line) => line.includes(globalRequest))
    .map(parseWireLine)
    .filter((line) => line?.['global_request_id'] === globalRequest && line['exchange'] === exchange)
  return found.map((line) => String(line?.['request_id'])).filter((id) => id.startsWith('req-'))
}

/** What the caller already knows, completed from the database rows. */
export function readLaunchIds(
  files: readonly RecordedFile[],
  known: { globalRequest?: string; instance?: string; image?: string; router?: string },
): LaunchIds {
  const column = (table: string, name: string) => [
    ...new Set(
      rowsOf(files, table)
        .map((row) => row[name])
        .filter(present),
    ),
  ]
  const image = known.image ?? column('nova.instances', 'image_ref')[0]
  return {
    ...(known.globalRequest ? { globalRequest: known.globalRequest } : {}),
    requests: [
      ...new Set([
        ...actionTables.flatMap((table) => column(table, 'request_id')),
        ...localRequests(files, known.globalRequest),
      ]),
    ],
    ...(known.instance ? { instance: known.instance } : {}),
    ports: column('neutron.ports', 'id'),
    macs: column('neutron.ports', 'mac_address'),
    volumes: column('nova.block_device_mapping', 'volume_id'),
    ...(known.router ? { router: known.router, network: column('neutron.ports', 'network_id')[0] ?? '' } : {}),
    ...(image ? { image } : {}),
  }
}

/** How many packets and gaps each recorder could not read. */
export function readLost(files: readonly RecordedFile[]): Record<string, number> {
  const summaries = files.filter(({ file }) => file.endsWith('/summary.json'))
  return Object.fromEntries(
    summaries.map(({ node, lines }) => {
      const { dropped, gaps } = JSON.parse(lines[0] ?? '{}') as { dropped: number; gaps: number }
      return [node, dropped + gaps]
    }),
  )
}
