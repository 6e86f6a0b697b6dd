import { expect, test } from 'vitest'
import { byService, profileOf, serviceNames } from '../../../scripts/declaration/service-profiles.ts'
import { parts } from '../../../scripts/health/verify/verify.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

/** Of the services whose daemons have no check of their own. */
const others = serviceNames
  .flatMap((name) => profileOf(name).daemons?.id ?? [])
  .filter((id) => id !== 'compute' && id !== 'agents')

test('all checks in order; a quick verify has only three of them', () => {
  expect(parts.map(({ id, quick }) => `${id}${quick ? ' quick' : ''}`)).toEqual([
    'endpoints quick',
    'agents quick',
    'nova',
    'compute',
    ...others,
    'clocks',
    'vlan',
    'demo',
    'instance quick',
    'tags',
    'routing',
    'dashboard',
    'console',
  ])
})

test('services that are off have no checks', () => {
  const lab = fixtureLab('lxc')
  const { vlan: _, ...networks } = lab.networks
  const off = { ...lab, services: byService((name) => !profileOf(name).optional), networks }
  const missing = parts.filter(({ when }) => when && !when(off)).map(({ id }) => id)
  expect(missing).toEqual([...others, 'vlan', 'demo', 'tags', 'routing', 'dashboard'])
})
