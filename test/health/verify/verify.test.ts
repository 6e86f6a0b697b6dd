import { expect, test } from 'vitest'
import { parts } from '../../../scripts/health/verify/verify.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

test('what is observed, in the order of the lines; a quick verify looks at three of it', () => {
  expect(parts.map(({ id, quick }) => `${id}${quick ? ' quick' : ''}`)).toEqual([
    'endpoints quick',
    'agents quick',
    'nova',
    'compute',
    'volumes',
    'clocks',
    'vlan',
    'demo',
    'instance quick',
    'tags',
    'dashboard',
    'console',
  ])
})

test('what is off in a lab has no part in it', () => {
  const lab = fixtureLab('lxc')
  const { vlan: _, ...networks } = lab.networks
  const off = { ...lab, services: { ...lab.services, cinder: false, horizon: false, demo: false }, networks }
  const missing = parts.filter(({ when }) => when && !when(off)).map(({ id }) => id)
  expect(missing).toEqual(['volumes', 'vlan', 'demo', 'tags', 'dashboard'])
})
