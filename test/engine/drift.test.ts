import { expect, test } from 'vitest'
import type { ServiceName } from '../../scripts/declaration/service-profiles.ts'
import { withoutRepeats, withoutWake } from '../../scripts/engine/drift.ts'
import { ensureFile } from '../../scripts/engine/files.ts'
import { healingKinds, type Kind, subjectOf } from '../../scripts/engine/operation.ts'
import { ensureAbsentUnits, ensureUnits } from '../../scripts/engine/units.ts'

const services: { name: ServiceName; needs: ServiceName[] }[] = [
  { name: 'base', needs: [] },
  { name: 'rabbitmq', needs: ['base'] },
  { name: 'nova', needs: ['rabbitmq'] },
  { name: 'neutron', needs: ['rabbitmq'] },
  { name: 'demo', needs: ['nova'] },
]

/** Names of the services still in this drift, each with the kinds of its differences. */
function left(drift: Partial<Record<ServiceName, Kind[]>>): ServiceName[] {
  const changes = (kinds: Kind[]) =>
    kinds.map((kind) => ({ node: 'controller', phase: 'ready' as const, kind, title: '', reason: '' }))
  const found = services.map(({ name }) => [name, changes(drift[name] ?? [])] as const)
  return [...withoutWake(new Map(found), services)].filter(([, one]) => one.length > 0).map(([name]) => name)
}

test('a service that is just not ready because one that it needs differs is not drift', () => {
  expect(left({ rabbitmq: ['step'], nova: ['check'], demo: ['check'] })).toEqual(['rabbitmq'])
  expect(left({ base: ['file'], neutron: ['check'] })).toEqual(['base'])
  expect(left({ rabbitmq: ['check'], nova: ['check'] })).toEqual(['rabbitmq'])
})

test('it is drift if nothing that it needs differs, or if more than its readiness differs', () => {
  expect(left({ nova: ['check'], neutron: ['file'] })).toEqual(['nova', 'neutron'])
  expect(left({ rabbitmq: ['step'], nova: ['check', 'unit-running'] })).toEqual(['rabbitmq', 'nova'])
  expect(left({ demo: ['check'] })).toEqual(['demo'])
})

test('what differs because a service is starting corrects itself; what is written or installed does not', () => {
  const units = ensureUnits(['glance-api'], [], { timeScale: 1 })
  const file = ensureFile({ path: '/etc/glance/glance-api.conf', content: '' })
  const kinds = [...units, ...ensureAbsentUnits(['apache2']), file].map(({ kind }) => kind)
  expect(kinds).toEqual(['unit-enabled', 'unit-files', 'unit-running', 'unit-absent', 'file'])
  expect(kinds.filter((kind) => healingKinds.has(kind))).toEqual(['unit-running'])
})

test('a file that two parts of a service list on one node differs once; on another node it differs again', () => {
  const file = ensureFile({ path: '/etc/neutron/neutron.conf', content: '' })
  const on = (node: string) => ({ node, ...subjectOf(file), reason: 'its content differs' })
  expect(withoutRepeats([on('controller'), on('controller'), on('compute1')])).toEqual([
    on('controller'),
    on('compute1'),
  ])
})
