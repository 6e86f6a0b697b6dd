/** Nova's schemas and cells: the steps between "installed" and "knows its compute nodes". */

import { type Lab, nodesWith } from '../declaration/lab.ts'
import type { Step } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'
import { migrateStep } from './migrations.ts'

const apiVersions = 'nova/db/api/migrations/versions'
const cellVersions = 'nova/db/main/migrations/versions'

/**
 * The cells' addresses are stored as templates that Nova fills from nova.conf: so no password stands in the database or
 * on a command line, and a changed one needs no repair here.
 */
const cells = {
  cell0: {
    uuid: '00000000-0000-0000-0000-000000000000',
    transport: 'none:///',
    database: '{scheme}://{username}:{password}@{hostname}:{port}/nova_cell0?{query}',
  },
  cell1: {
    transport: '{scheme}://{username}:{password}@{hostname}:{port}/{path}',
    database: '{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}',
  },
} as const

const nova = (command: string) => `runuser -u nova -- nova-manage ${command} </dev/null`

export const schemaSteps: readonly Step[] = [
  migrateStep('nova', 'nova-manage api_db sync', [{ database: 'nova_api', versions: apiVersions }]),
  {
    name: 'map cell0',
    inImage: true,
    unless: cellIsMapped('cell0'),
    run: `if ${cellExists('cell0')}; then
  ${nova(`cell_v2 update_cell --cell_uuid ${cells.cell0.uuid} --name cell0 --transport-url '${cells.cell0.transport}' --database_connection '${cells.cell0.database}'`)}
else
  ${nova(`cell_v2 map_cell0 --database_connection '${cells.cell0.database}'`)}
fi`,
  },
  {
    name: 'create cell1',
    inImage: true,
    unless: cellIsMapped('cell1'),
    run: `if ${cellExists('cell1')}; then
  uuid=$(mariadb -N -B nova_api -e "SELECT uuid FROM cell_mappings WHERE name = 'cell1' LIMIT 1")
  ${nova(`cell_v2 update_cell --cell_uuid "$uuid" --transport-url '${cells.cell1.transport}' --database_connection '${cells.cell1.database}'`)}
else
  ${nova(`cell_v2 create_cell --name cell1 --transport-url '${cells.cell1.transport}' --database_connection '${cells.cell1.database}'`)}
fi`,
  },
  // It migrates the cell of nova.conf and, through its mapping, cell0.
  migrateStep('nova', 'nova-manage db sync', [
    { database: 'nova', versions: cellVersions },
    { database: 'nova_cell0', versions: cellVersions },
  ]),
]

/** An instance lands on a compute node only when its cell has mapped it: "Host … is not mapped to any cell". */
export function discoverStep(lab: Lab): Step {
  const hosts = nodesWith(lab, 'compute').map((node) => node.name)
  const names = hosts.map((host) => `'${host}'`).join(', ')
  const count = (database: string, query: string) =>
    `test "$(mariadb -N -B ${database} -e "${query}")" = ${hosts.length}`
  const registered = count(
    'nova',
    `SELECT COUNT(DISTINCT host) FROM compute_nodes WHERE deleted = 0 AND host IN (${names})`,
  )
  return {
    name: 'discover compute hosts',
    unless: count('nova_api', `SELECT COUNT(DISTINCT host) FROM host_mappings WHERE host IN (${names})`),
    // Nova does not wait: what has not registered itself yet is silently left out.
    run: `until ${registered}; do sleep ${Math.min(lab.timeScale, 5)}; done\n${nova('cell_v2 discover_hosts --verbose')}`,
    timeoutSeconds: timeouts.services.slowStep.seconds,
  }
}

function cellExists(cell: keyof typeof cells): string {
  return `test -n "$(mariadb -N -B nova_api -e "SELECT id FROM cell_mappings WHERE name = '${cell}'")"`
}

function cellIsMapped(cell: keyof typeof cells): string {
  const { transport, database } = cells[cell]
  const where = `name = '${cell}' AND transport_url = '${transport}' AND database_connection = '${database}'`
  return `test "$(mariadb -N -B nova_api -e "SELECT COUNT(*) FROM cell_mappings WHERE ${where}")" = 1`
}
