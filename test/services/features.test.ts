/** docs/reference/features.md agrees with the services' data. */

import { expect, test } from 'vitest'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { features, renderFeatures } from '../../scripts/services/features.ts'
import { enabledServices, serviceOf } from '../../scripts/services/index.ts'
import { everyService, fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const servicesOf = (lab: Lab) => enabledServices(lab).map((name) => serviceOf(lab, fixtureSecrets, name))
const full: Partial<Lab> = {
  services: everyService,
  volumeBackup: true,
  networking: 'self-service',
  outbound: { deny: [] },
  capabilities: { vlan: true, lvm: true },
}
const offer = {
  machines: servicesOf(fixtureLab('kvm')),
  containers: servicesOf(fixtureLab('lxc')),
  fullMachines: servicesOf(fixtureLab('kvm', full)),
  fullContainers: servicesOf(fixtureLab('lxc', full)),
}

test('docs/reference/features.md matches the services (run with -u to regenerate it)', async () => {
  await expect(renderFeatures(offer)).toMatchFileSnapshot('../../docs/reference/features.md')
})

test('a feature that not every lab has says why, or what it needs', () => {
  const partial = features.filter(({ has }) => !has(offer.machines) || !has(offer.containers))
  expect(partial.length).toBeGreaterThan(10)
  expect(partial.filter(({ note }) => !note)).toEqual([])
})

test.each([
  ['Trunks', 'yes', 'can'],
  ['VLAN networks', 'yes', 'can'],
  ['Volume backups', 'can', 'can'],
  ['DNS names of ports', 'no', 'no'],
  ['Routers', 'can', 'can'],
  ['Overlay networks', 'can', 'can'],
  ['The Internet', 'can', 'can'],
])('%s: %s on virtual machines, %s in containers', (what, machines, containers) => {
  const row = renderFeatures(offer)
    .split('\n')
    .find((line) => line.startsWith(`| ${what}`))
  expect(row?.split(' | ').slice(2, 4)).toEqual([machines, containers])
})
