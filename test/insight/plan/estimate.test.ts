import { describe, expect, test } from 'vitest'
import type { ServiceName } from '../../../scripts/declaration/service-profiles.ts'
import { type Basis, chooseBasis, estimate } from '../../../scripts/insight/plan/estimate.ts'
import { type PlannedService, planLab } from '../../../scripts/insight/plan/lab-plan.ts'
import type { Timings } from '../../../scripts/run/progress/timings.ts'
import { fixtureLab, fixtureSecrets } from '../../fixtures/lab.ts'

const plan = planLab(fixtureLab('kvm'), fixtureSecrets, true)
const service = (name: string, ...needs: string[]): PlannedService => ({
  name,
  needs,
  nodes: [],
  databases: [],
  users: [],
  endpoints: [],
})

describe('the estimate', () => {
  const basis: Basis = {
    from: 'a test',
    seconds: {
      'nodes/whole': 10,
      'services/a': 1,
      'services/b': 20,
      'services/c': 5,
      'services/d': 2,
      'cloud/whole': 7,
    },
  }
  const diamond = [service('a'), service('b', 'a'), service('c', 'a'), service('d', 'b', 'c')]

  test('follows the longest chain of needs, from the nodes to the cloud', () => {
    const { seconds, chain } = estimate(diamond, [], basis)
    expect(chain.map(({ name }) => name)).toEqual(['whole', 'a', 'b', 'd', 'whole'])
    expect(seconds).toBe(40)
  })

  test('downloads come first', () => {
    const { chain, seconds } = estimate(diamond, [{ what: 'node image', detail: '', seconds: 150 }], basis)
    expect(chain[0]!.name).toBe('node image')
    expect(seconds).toBe(190)
  })

  const names: ServiceName[] = [
    'base',
    'chrony',
    'mariadb',
    'rabbitmq',
    'memcached',
    'keystone',
    'glance',
    'nova',
    'neutron',
  ]
  const timings = (outcome: 'done' | 'failed' = 'done'): Timings => ({
    begun: '2026-01-01T00:00:00Z',
    ended: '2026-01-02T00:00:00Z',
    outcome: 'done',
    hypervisor: 'lxc',
    machine: { cpus: 2, processor: '', memoryMiB: 1 },
    steps: names.map((name) => ({ stack: 'services', name, start: 0, end: 3000, outcome })),
  })

  test('comes from this checkout, or else this machine, or else the table; and says so', () => {
    const lab = fixtureLab('lxc')
    expect(chooseBasis(lab, timings(), undefined)).toMatchObject({ from: 'the last up of this checkout, 2026-01-02' })
    expect(chooseBasis(lab, undefined, timings()).from).toContain('on this machine')
    expect(chooseBasis(lab, { ...timings(), steps: [] }, undefined).from).toMatch(/^measured on 2 cores/)
    expect(chooseBasis(fixtureLab('kvm'), timings(), undefined).from).toContain('kvm not measured')
    expect(chooseBasis(lab, timings(), undefined).seconds['services/glance']).toBe(3)
    expect(chooseBasis(lab, timings('failed'), undefined).seconds['services/glance']).toBeUndefined()
  })

  test('emulated nodes take twelve times as long', () => {
    const [qemu, lxc] = [fixtureLab('qemu'), fixtureLab('lxc')].map((lab) => chooseBasis(lab, undefined, undefined))
    expect(qemu!.seconds['services/nova']).toBe(12 * lxc!.seconds['services/nova']!)
  })

  test('the table knows every service', () => {
    const { seconds } = chooseBasis(fixtureLab('lxc'), undefined, undefined)
    for (const { name } of plan.services) expect(seconds).toHaveProperty([`services/${name}`])
  })
})
