/** The declaration's assumptions about the services are true. */

import { expect, test } from 'vitest'
import { workerMiB } from '../../scripts/declaration/across-memory.ts'
import { novaDefaults } from '../../scripts/declaration/nova-offer.ts'
import { enabledServices, services } from '../../scripts/services/index.ts'
import { everyService, fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const shapes = ['kvm', 'qemu', 'lxc'] as const

test.each(shapes)('nova-compute on %s nodes has the reserves and ratios with which the offer is computed', (shape) => {
  const files = services.nova(fixtureLab(shape), fixtureSecrets).parts.flatMap((part) => part.files)
  const settings = files.flatMap(({ content }) =>
    typeof content === 'string' ? [] : Object.entries(content['DEFAULT'] ?? {}),
  )
  const ratios = /^(reserved_host_(memory|disk)_mb|(initial_)?(ram|disk)_allocation_ratio)$/
  const own = settings.filter(([key]) => ratios.test(key))
  expect(own.filter(([key, value]) => novaDefaults[key as keyof typeof novaDefaults] !== value)).toEqual([])
})

test('exactly the services that lab_api_workers makes larger are counted', () => {
  const dataOf = (apiWorkers: number) => {
    const lab = fixtureLab('kvm', { apiWorkers, services: everyService })
    return new Map(enabledServices(lab).map((name) => [name, JSON.stringify(services[name](lab, fixtureSecrets))]))
  }
  const [one, two] = [dataOf(1), dataOf(2)]
  const larger = [...one].filter(([name, data]) => data !== two.get(name)).map(([name]) => name)
  expect(larger).toEqual(Object.keys(workerMiB))
})
