/** A whole service: order, second run, dry run, readiness, and what a failure leaves behind. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ConnectError, NotReadyError } from '../../scripts/declaration/errors.ts'
import { type ApplyContext, applyService, withdrawService } from '../../scripts/engine/apply.ts'
import { readDifferences } from '../../scripts/engine/drift.ts'
import type { Change } from '../../scripts/engine/operation.ts'
import type { Service } from '../../scripts/engine/service.ts'
import type { Host } from '../../scripts/run/host.ts'
import { sshHost } from '../../scripts/run/ssh.ts'
import { type Keystone, startKeystone } from '../cloud/keystone-server.ts'
import { fixtureNode, fixtureSecrets } from '../fixtures/lab.ts'
import { me, type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
let keystone: Keystone
let state: string
let trips: number
beforeAll(async () => {
  sshd = await startSshd()
  state = join(sshd.folder, 'state')
  const standIn = readFileSync(new URL('mariadb.sh', import.meta.url), 'utf8')
  sshd.program('mariadb', standIn.replaceAll('@STATE@', state))
  sshd.program('dpkg-query', '#!/bin/sh\necho glance installed\n')
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  trips = 0
  rmSync(state, { recursive: true, force: true })
  mkdirSync(state)
  keystone = await startKeystone()
  keystone.rows.users[0]!['password'] = fixtureSecrets.admin_password
  return () => keystone.stop()
})

const at = (name: string) => join(state, name)
const service = (changes: Partial<Service> = {}): Service => ({
  name: 'glance',
  needs: ['keystone'],
  databases: [{ name: 'glance', user: 'glance', password: fixtureSecrets.glance_database_password }],
  identity: {
    ...{ user: 'glance', password: fixtureSecrets.glance_password, roles: ['admin'], type: 'image', name: 'glance' },
    ...{ description: 'OpenStack Image', url: 'http://10.0.0.11:9292' },
  },
  parts: [
    {
      on: 'controller',
      packages: ['glance'],
      files: [{ ...me, path: at('glance-api.conf'), content: { DEFAULT: { workers: 2 } }, mode: '0640' }],
      // Needs the file: setup comes after files.
      setup: [
        {
          name: 'db sync',

          unless: `test -e ${at('synced')}`,
          run: `cat ${at('glance-api.conf')} >${at('synced')}`,
        },
      ],
      units: [],
    },
  ],
  ready: [
    { what: 'Glance answers', url: keystone.url, status: [401] },
    { what: 'images are listed', on: 'controller', command: `grep workers ${at('synced')}` },
  ],
  ...changes,
})

/** The usual ssh, with round trips counted. */
function hostFor(): Host {
  const host = sshHost(sshd.lab, sshd.node)
  const run: Host['run'] = (script, options) => {
    trips++
    return host.run(script, options)
  }
  return { ...host, run }
}
const context = (changes: Partial<ApplyContext> = {}): ApplyContext => ({
  ...{ lab: sshd.lab, secrets: fixtureSecrets, identityUrl: keystone.url, places: sshd.places, hostFor },
  ...changes,
})
const describe = (changes: readonly Change[] = []) =>
  changes.map(({ node, title, reason }) => `${node}: ${title}: ${reason}`.replaceAll(sshd.folder, ''))

test('an empty node gets everything, in the fixed order, reported as it happens', async () => {
  const told: Change[] = []
  const changes = await applyService(service(), context({ onChange: (change) => told.push(change) }))
  expect(describe(changes)).toEqual([
    'controller: database glance of glance: is missing',
    'controller: keystone project service: is missing',
    'controller: keystone role service: is missing',
    'controller: keystone user glance: is missing',
    'controller: keystone role admin of glance: is missing',
    'controller: keystone service image: is missing',
    'controller: keystone endpoint image public: is missing',
    'controller: keystone endpoint image internal: is missing',
    'controller: keystone endpoint image admin: is missing',
    'controller: file /state/glance-api.conf: is missing',
    'controller: db sync: still to be done',
  ])
  expect(told.map(({ title }) => title)).toEqual(changes.map(({ title }) => title))
})

test('a second run changes nothing and needs three round trips', async () => {
  await applyService(service(), context())
  trips = 0
  keystone.changes.length = 0
  expect(await applyService(service(), context())).toEqual([])
  expect(trips).toBe(3)
  expect(keystone.changes).toEqual([])
})

test('a dry run gives the same differences and changes nothing', async () => {
  const differences = describe((await readDifferences([service()], context())).get('glance'))
  expect(differences).toContain('controller: database glance of glance: is missing')
  expect(differences).toContain('controller: keystone user glance: is missing')
  expect(differences).toContain('controller: file /state/glance-api.conf: is missing')
  expect(differences).toContain('controller: db sync: still to be done')
  expect(differences.find((one) => one.includes('ready: images are listed'))).toContain('No such file or directory')
  expect(trips).toBe(2)
  expect(keystone.changes).toEqual([])
  expect(['database.glance', 'glance-api.conf', 'synced'].filter((name) => existsSync(at(name)))).toEqual([])
})

test('several services are compared at once: two round trips, each difference with its service', async () => {
  await applyService(service(), context())
  trips = 0
  const parts = [
    { on: 'controller' as const, packages: [], files: [{ ...me, path: at('other'), content: 'x' }], units: [] },
  ]
  const other: Service = { name: 'placement', needs: [], parts, ready: [] }
  const differences = await readDifferences([service(), other], context())
  expect(describe(differences.get('glance'))).toEqual([])
  expect(describe(differences.get('placement'))).toEqual(['controller: file /state/other: is missing'])
  expect(trips).toBe(2)
})

test('a service that is switched off is only checked for what must be gone', async () => {
  const off = context({ lab: { ...sshd.lab, services: { ...sshd.lab.services, glance: false } } })
  const differing = async () => describe((await readDifferences([service()], off)).get('glance'))
  expect(await differing()).toEqual([])
  await applyService(service(), context())
  expect(await differing()).toEqual(['controller: keystone no service image: is in the catalog'])
  expect(await withdrawService(service(), off)).toHaveLength(1)
  expect(await differing()).toEqual([])
  expect(existsSync(at('database.glance'))).toBe(true)
})

test('a node that does not answer is a difference for every service with a part on it', async () => {
  const gone = fixtureNode('compute1', 31)
  const lab = { ...sshd.lab, nodes: [sshd.node, gone] }
  const unreachable: Host = {
    name: 'compute1',
    run: () => Promise.reject(new ConnectError('compute1', 'timed out', 'ssh')),
  }
  const parts = [
    { on: 'compute' as const, packages: [], files: [{ ...me, path: at('nova'), content: 'x' }], units: [] },
  ]
  const nova: Service = { name: 'nova', needs: [], parts, ready: [] }
  const host = (node: { name: string }) => (node.name === 'compute1' ? unreachable : hostFor())
  const differences = await readDifferences(
    [service({ identity: undefined, databases: [], ready: [] } as never), nova],
    context({ lab, hostFor: host }),
  )
  expect(describe(differences.get('nova'))).toEqual(['compute1: node: does not answer: timed out'])
})

test('a failing step stops the service; the next run continues from it', async () => {
  writeFileSync(at('database.glance'), 'utf8mb3')
  const broken = service()
  const [part] = broken.parts
  const setup = [{ ...part!.setup![0]!, run: 'exit 1' }]
  const failing = applyService({ ...broken, parts: [{ ...part!, setup }] }, context())
  await expect(failing).rejects.toThrow('controller: glance: db sync: exit code 1')
  expect(describe(await applyService(service(), context()))).toEqual(['controller: db sync: still to be done'])
})

test('a service that does not become ready reports the check, the last answer and where to look', async () => {
  const ready = [
    { what: 'the agent is alive', on: 'controller' as const, command: 'echo xxx down; exit 1', deadlineSeconds: 0.4 },
  ]
  const parts = [{ on: 'controller' as const, packages: [], files: [], units: [] }]
  const waiting = applyService({ name: 'neutron', needs: [], parts, ready }, context())
  const error: Error = await waiting.then(
    () => Promise.reject(),
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(NotReadyError)
  expect(error.message).toMatch(
    /^not ready after \d+ s: neutron: the agent is alive\n {4}last answer: xxx down\n {4}look at: \.\/lab ssh controller /,
  )
})
