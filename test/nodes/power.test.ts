import { expect, test } from 'vitest'
import { startOrder } from '../../scripts/nodes/power.ts'
import { fixtureLab, fixtureNode } from '../fixtures/lab.ts'

test('nodes start in the order in which they need each other: controller, storage, compute', () => {
  const lab = fixtureLab('qemu')
  const nodes = [
    fixtureNode('compute1', 31),
    fixtureNode('storage1', 41, { roles: ['storage'] }),
    fixtureNode('compute2', 32, { roles: ['compute', 'storage'] }),
    fixtureNode('controller', 11, { roles: ['controller'] }),
  ]
  const order = startOrder({ ...lab, nodes }).map((group) => group.map(({ name }) => name))
  expect(order).toEqual([['controller'], ['storage1'], ['compute1', 'compute2']])
})

test('a lab whose controller holds the volumes has two groups', () => {
  expect(startOrder(fixtureLab('lxc')).map((group) => group.length)).toEqual([1, 1])
})
