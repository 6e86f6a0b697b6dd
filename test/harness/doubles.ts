/** Checks the databases and libvirt: no duplicates, nothing without its counterpart, no lock held. */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from 'vitest'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import type { Copy } from './copy.ts'
import { onNode, sql } from './lab.ts'

/** Each query returns a row for everything that exists more than once. */
const queries: readonly (readonly [database: string, query: string])[] = [
  ['keystone', 'SELECT type, extra, COUNT(*) FROM service GROUP BY type, extra HAVING COUNT(*) > 1'],
  ['keystone', 'SELECT service_id, interface, region_id, COUNT(*) FROM endpoint GROUP BY 1, 2, 3 HAVING COUNT(*) > 1'],
  ['keystone', 'SELECT name, domain_id, COUNT(*) FROM local_user GROUP BY 1, 2 HAVING COUNT(*) > 1'],
  ['keystone', 'SELECT name, domain_id, COUNT(*) FROM project GROUP BY 1, 2 HAVING COUNT(*) > 1'],
  ['keystone', 'SELECT name, domain_id, COUNT(*) FROM role GROUP BY 1, 2 HAVING COUNT(*) > 1'],
  ['nova_api', 'SELECT name, COUNT(*) FROM cell_mappings GROUP BY 1 HAVING COUNT(*) > 1'],
  ['nova_api', 'SELECT host, COUNT(*) FROM host_mappings GROUP BY 1 HAVING COUNT(*) > 1'],
  ['nova_api', 'SELECT name, COUNT(*) FROM flavors GROUP BY 1 HAVING COUNT(*) > 1'],
  ['nova', 'SELECT host, `binary`, COUNT(*) FROM services WHERE deleted = 0 GROUP BY 1, 2 HAVING COUNT(*) > 1'],
  ['nova', 'SELECT host, COUNT(*) FROM compute_nodes WHERE deleted = 0 GROUP BY 1 HAVING COUNT(*) > 1'],
  ['nova', 'SELECT hostname, COUNT(*) FROM instances WHERE deleted = 0 GROUP BY 1 HAVING COUNT(*) > 1'],
  ['nova_cell0', 'SELECT hostname FROM instances WHERE deleted = 0'],
  ['placement', 'SELECT name, COUNT(*) FROM resource_providers GROUP BY 1 HAVING COUNT(*) > 1'],
  [
    'placement',
    'SELECT DISTINCT consumer_id FROM allocations WHERE consumer_id NOT IN (SELECT uuid FROM nova.instances WHERE deleted = 0)',
  ],
  ['neutron', 'SELECT host, `binary`, COUNT(*) FROM agents GROUP BY 1, 2 HAVING COUNT(*) > 1'],
  ['neutron', 'SELECT name, COUNT(*) FROM networks GROUP BY 1 HAVING COUNT(*) > 1'],
  ['neutron', 'SELECT name, COUNT(*) FROM subnets GROUP BY 1 HAVING COUNT(*) > 1'],
  [
    'neutron',
    "SELECT id, device_owner FROM ports WHERE device_owner LIKE 'compute:%' AND device_id NOT IN (SELECT uuid FROM nova.instances WHERE deleted = 0)",
  ],
  ['glance', 'SELECT name, COUNT(*) FROM images WHERE deleted = 0 GROUP BY 1 HAVING COUNT(*) > 1'],
]
const cinderQueries: typeof queries = [
  ['cinder', 'SELECT display_name, COUNT(*) FROM volumes WHERE deleted = 0 GROUP BY 1 HAVING COUNT(*) > 1'],
  ['cinder', 'SELECT host, `binary`, COUNT(*) FROM services WHERE deleted = 0 GROUP BY 1, 2 HAVING COUNT(*) > 1'],
]

/** Fails if anything exists twice, or a lock is still held. */
export async function expectNoDoubles(copy: Copy, nodes: readonly string[]): Promise<void> {
  const hasCinder = (await onNode(copy, 'controller', 'mariadb -N -B -e "SHOW DATABASES LIKE \'cinder\'"')) !== ''
  const asked = [...queries, ...(hasCinder ? cinderQueries : [])]
  const script = asked
    .map(([database, query]) => `mariadb -N -B ${database} -e ${shellQuote(query)} | sed 's/^/${database}: /'`)
    .join('\n')
  expect(await onNode(copy, 'controller', `set -eo pipefail\n${script}`)).toBe('')
  await expectDomains(copy, nodes)
  await expectNoLocks(copy, nodes)
}

/** The lab's own nodes and its two networks, and on the compute nodes what Nova has there. */
async function expectDomains(copy: Copy, nodes: readonly string[]): Promise<void> {
  const list = async (...command: string[]) =>
    words((await copy.run('./lab', 'exec', '--', 'virsh', '-q', ...command, '--all', '--name')).stdout)
  expect(await list('list')).toEqual(nodes.map((node) => `duostack-${node}`).sort())
  expect(await list('net-list')).toEqual(['duostack-management', 'duostack-provider'])
  for (const node of nodes.filter((name) => name.startsWith('compute'))) {
    const servers = sql('nova', `SELECT uuid FROM instances WHERE deleted = 0 AND host = '${node}'`)
    expect(words(await onNode(copy, node, 'virsh -q list --all --uuid')), node).toEqual(
      words(await onNode(copy, 'controller', servers)),
    )
  }
}

const words = (text: unknown) => String(text).split(/\s+/).filter(Boolean).sort()

async function expectNoLocks(copy: Copy, nodes: readonly string[]): Promise<void> {
  expect((await execa('flock', ['--nonblock', join(copy.root, '.lab/lock'), 'true'], { reject: false })).exitCode).toBe(
    0,
  )
  const infos = (await readdir(join(copy.root, '.lab/terraform'))).filter((name) => name.endsWith('.lock.info'))
  expect(infos).toEqual([])
  for (const node of nodes) {
    const held = 'for lock in /run/duostack/*.lock; do [ ! -e "$lock" ] || flock -n "$lock" true || echo "$lock"; done'
    expect(await onNode(copy, node, held)).toBe('')
  }
}
