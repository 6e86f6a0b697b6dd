/** Part 3: the declaration of a running lab changes; the lab follows, or says how the change can be made. */

import { expect, test } from 'vitest'
import { dataKeys } from '../../scripts/declaration/secret-names.ts'
import { expectVerified, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, editDeclaration, expectRefused, expectRun, nodes, onNode, smallServer, sql } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations, readRestarted } from '../harness/nodes.ts'
import { keyFolder, migrationTests } from './migration.ts'
import { findOldSecrets, findOpenLogins } from './old-secrets.ts'
import { readSecrets } from './search.ts'
import { onCompute, withCompute2, withoutCompute2 } from './second-compute.ts'

const part = 'change'
/** Lines that contain compute2, from every place that refers to a node by name. */
async function tracesOf(copy: Copy, node: string): Promise<string> {
  const where: [database: string, query: string][] = [
    ['nova', `SELECT 'service' FROM services WHERE deleted = 0 AND host = '${node}'`],
    ['nova', `SELECT 'compute node' FROM compute_nodes WHERE deleted = 0 AND host = '${node}'`],
    ['nova_api', `SELECT 'host mapping' FROM host_mappings WHERE host = '${node}'`],
    ['placement', `SELECT 'resource provider' FROM resource_providers WHERE name = '${node}'`],
    ['neutron', `SELECT 'agent', \\\`binary\\\` FROM agents WHERE host = '${node}'`],
  ]
  return onNode(copy, 'controller', where.map(([database, query]) => sql(database, query)).join('; '))
}

export function changeTests(copy: () => Copy): void {
  test('an additional compute node is added, with its agents and its cell mapping', () =>
    recorded(part, 'compute added', async () => {
      await withCompute2(copy())
      const said = await bringUp(copy())
      expect(said).toMatch(/nodes: compute2/)
      await expectVerified(copy())
      expect((await tracesOf(copy(), 'compute2')).split('\n').sort()).toEqual([
        'agent\tneutron-linuxbridge-agent',
        'compute node',
        'host mapping',
        'resource provider',
        'service',
      ])
      return 'verified; service, mapping, provider, agent exist'
    }))

  migrationTests(copy)

  test('a compute node with servers on it is not removed, and they are named; --evict moves them first', () =>
    recorded(part, 'compute with a server removed', async () => {
      const { id } = await openstack<{ id: string }>(
        copy(),
        'server',
        'create',
        ...smallServer,
        ...onCompute('compute2'),
        '--wait',
        'lodger',
      )
      await withoutCompute2(copy())
      const refused = await expectRefused(copy(), 'up')
      expect(refused).toMatch(new RegExp(`servers are on it: lodger \\(${id}\\)[\\s\\S]*--evict`))
      expect((await tracesOf(copy(), 'compute2')).split('\n')).toHaveLength(5)
      await bringUp(copy(), '--evict')
      const moved = await openstack<Record<string, string>>(copy(), 'server', 'show', 'lodger')
      expect([moved['id'], moved['status'], moved['OS-EXT-SRV-ATTR:host']]).toEqual([id, 'ACTIVE', 'compute1'])
      expect(await tracesOf(copy(), 'compute2')).toBe('')
      const keys = `ls ${keyFolder} 2>/dev/null; systemctl is-active nova-migration-sshd || :`
      expect(await onNode(copy(), 'compute1', keys)).toBe('inactive')
      await expectVerified(copy())
      await copy().run('./lab', 'openstack', 'server', 'delete', '--wait', 'lodger')
      return 'refused with its name; --evict moved it, same id, ACTIVE; nothing of the node is left'
    }))

  test.each(['horizon', 'cinder'])('%s is switched off and on again', (service) =>
    recorded(part, `${service} off and on`, async () => {
      const units = { horizon: 'apache2', cinder: 'cinder-volume' }[service]!
      await editDeclaration(copy(), 'group_vars/all.yml', new RegExp(`^  ${service}: true`, 'm'), `  ${service}: false`)
      await bringUp(copy())
      await expectVerified(copy())
      expect(await onNode(copy(), 'controller', `systemctl is-active ${units} || true`)).toBe('inactive')
      const catalog = await openstack<{ Name: string }[]>(copy(), 'catalog', 'list')
      expect(catalog.filter(({ Name }) => /cinder/.test(Name))).toHaveLength(service === 'cinder' ? 0 : 1)
      await editDeclaration(copy(), 'group_vars/all.yml', new RegExp(`^  ${service}: false`, 'm'), `  ${service}: true`)
      await bringUp(copy())
      await expectVerified(copy())
      return 'stopped and out of the catalog; on again, verified'
    }),
  )

  test('memory is raised after an orderly stop, and the disk keeps what was on it', () =>
    recorded(part, 'memory_mib of compute1 raised', async () => {
      await onNode(copy(), 'compute1', 'echo kept >/var/lib/nova/kept-over-a-stop; sync')
      const before = Number(await memoryOf(copy(), 'compute1'))
      const declared = 3584
      await editDeclaration(copy(), 'group_vars/compute.yml', /^memory_mib: \d+/m, `memory_mib: ${declared}`)
      const plan = await copy().run('./lab', 'plan')
      expect(plan.stdout).toMatch(/compute1: memory_mib \d+ → 3584, after a clean shutdown/)
      await bringUp(copy())
      expect(Number(await memoryOf(copy(), 'compute1'))).toBe(declared)
      expect(before).not.toBe(declared)
      expect(
        await onNode(copy(), 'compute1', 'cat /var/lib/nova/kept-over-a-stop; rm /var/lib/nova/kept-over-a-stop'),
      ).toBe('kept')
      await expectVerified(copy())
      return `${before} → ${declared} MiB, files kept, verified`
    }))

  test('what cannot change is refused with its place and the way to do it; nothing is changed', () =>
    recorded(part, 'what cannot change', async () => {
      const invocations = await readInvocations(copy(), nodes)
      for (const [file, from, to, said] of fixed) {
        await editDeclaration(copy(), file, from, to)
        const refused = await expectRefused(copy(), 'up')
        expect(refused).toMatch(said)
        expect(refused).toMatch(/\.\/lab up --rebuild/)
        await editDeclaration(copy(), file, to, from)
      }
      expect(await readInvocations(copy(), nodes)).toEqual(invocations)
      return `${fixed.length} refused, with ./lab up --rebuild`
    }))

  test('every secret is rotated, and no service is left on an old one', () =>
    recorded(part, 'secrets rotate (all)', async () => {
      const old = await readSecrets(copy())
      await expectRun(copy(), 'secrets', 'rotate')
      const now = await readSecrets(copy())
      expect(Object.keys(old).filter((name) => now[name] === old[name])).toEqual(dataKeys)
      const replaced = Object.fromEntries(Object.entries(old).filter(([name, value]) => now[name] !== value))
      expect(await findOldSecrets(copy(), nodes, replaced)).toEqual([])
      expect(await findOpenLogins(copy(), old)).toEqual([])
      // The same search finds the new secrets, and the same logins work with them.
      expect((await findOldSecrets(copy(), nodes, now)).length).toBeGreaterThan(8)
      expect(await findOpenLogins(copy(), now)).toHaveLength(14)
      await expectVerified(copy())
      return `${Object.keys(replaced).length} new; the old ones in no file and no environment; logins with them refused`
    }))

  test('one secret is rotated, and only what uses it is restarted', () =>
    recorded(part, 'secrets rotate glance_database_password', async () => {
      const before = await readInvocations(copy(), nodes)
      await expectRun(copy(), 'secrets', 'rotate', 'glance_database_password')
      expect(await readRestarted(copy(), nodes, before)).toEqual(['controller glance-api'])
      const mistyped = await expectRefused(copy(), 'secrets', 'rotate', 'glance_databse_password')
      expect(mistyped).toContain('did you mean glance_database_password?')
      return 'only glance-api restarted'
    }))
}

/** MiB that its domain may use, according to libvirt. */
async function memoryOf(copy: Copy, node: string): Promise<number> {
  const info = await copy.run('./lab', 'exec', '--', 'virsh', '-q', 'dominfo', `duostack-${node}`)
  return Number(/Max memory:\s+(\d+) KiB/.exec(String(info.stdout))![1]) / 1024
}

const fixed: readonly (readonly [file: string, from: string, to: string, said: RegExp])[] = [
  ['group_vars/all.yml', 'lab_name: duostack\n', 'lab_name: other\n', /lab_name: other/],
  ['group_vars/all.yml', 'lab_region: RegionOne', 'lab_region: Elsewhere', /lab_region: Elsewhere/],
  ['group_vars/all.yml', 'cidr: 10.0.0.0/24', 'cidr: 10.0.0.0/23', /cidr: 10\.0\.0\.0\/23/],
  ['hosts.yml', 'ansible_host: 10.0.0.31', 'ansible_host: 10.0.0.77', /compute1: ansible_host: 10\.0\.0\.77/],
]
