import { expect, test } from 'vitest'
import type { ServiceName } from '../../scripts/declaration/lab.ts'
import { withoutWake } from '../../scripts/engine/drift.ts'

const services: { name: ServiceName; needs: ServiceName[] }[] = [
  { name: 'base', needs: [] },
  { name: 'rabbitmq', needs: ['base'] },
  { name: 'nova', needs: ['rabbitmq'] },
  { name: 'neutron', needs: ['rabbitmq'] },
  { name: 'demo', needs: ['nova'] },
]

/** Names of what is left of this drift, each service with its titles. */
function left(drift: Partial<Record<ServiceName, string[]>>): ServiceName[] {
  const changes = (titles: string[]) => titles.map((title) => ({ node: 'controller', title, reason: '' }))
  const found = services.map(({ name }) => [name, changes(drift[name] ?? [])] as const)
  return [...withoutWake(new Map(found), services)].filter(([, one]) => one.length > 0).map(([name]) => name)
}

test('a service that is only not ready, while one that it needs differs, is in its wake and no drift', () => {
  expect(left({ rabbitmq: ['broker user openstack'], nova: ['ready: up'], demo: ['ready: demo'] })).toEqual([
    'rabbitmq',
  ])
  expect(left({ base: ['file /etc/hosts'], neutron: ['ready: agents'] })).toEqual(['base'])
  expect(left({ rabbitmq: ['ready: speaks'], nova: ['ready: up'] })).toEqual(['rabbitmq'])
})

test('it is drift where nothing that it needs differs, or where more than its readiness does', () => {
  expect(left({ nova: ['ready: up'], neutron: ['file /etc/neutron/neutron.conf'] })).toEqual(['nova', 'neutron'])
  expect(left({ rabbitmq: ['broker user openstack'], nova: ['ready: up', 'running nova-api'] })).toEqual([
    'rabbitmq',
    'nova',
  ])
  expect(left({ demo: ['ready: demo'] })).toEqual(['demo'])
})
