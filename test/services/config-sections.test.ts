import { expect, test } from 'vitest'
import { sectionsWith } from '../../scripts/services/config-sections.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('kvm')
const placesWith = (...keys: string[]) => sectionsWith(lab, ...keys).map(({ path, section }) => `${path}:${section}`)

test('every service that has a database says where, Nova for its API too', () => {
  expect(placesWith('connection').toSorted()).toEqual([
    '/etc/cinder/cinder.conf:database',
    '/etc/glance/glance-api.conf:database',
    '/etc/keystone/keystone.conf:database',
    '/etc/neutron/neutron.conf:database',
    '/etc/nova/nova.conf:api_database',
    '/etc/nova/nova.conf:database',
    '/etc/placement/placement.conf:placement_database',
  ])
})

test('the broker is named in the files of all services that use it', () => {
  expect(placesWith('transport_url')).toEqual([
    '/etc/nova/nova.conf:DEFAULT',
    '/etc/neutron/neutron.conf:DEFAULT',
    '/etc/cinder/cinder.conf:DEFAULT',
  ])
})

test('credentials are in each service that checks tokens or asks another', () => {
  const files = new Set(sectionsWith(lab, 'auth_url', 'username', 'password').map(({ path }) => path))
  expect([...files]).toEqual([
    '/etc/glance/glance-api.conf',
    '/etc/placement/placement.conf',
    '/etc/nova/nova.conf',
    '/etc/neutron/neutron.conf',
    '/etc/cinder/cinder.conf',
  ])
})

test('nothing is tried for a service that is off', () => {
  const off = fixtureLab('kvm', { services: { ...lab.services, cinder: false } })
  expect(sectionsWith(off, 'transport_url').map(({ path }) => path)).not.toContain('/etc/cinder/cinder.conf')
})
