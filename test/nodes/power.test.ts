import { expect, test } from 'vitest'
import { startGroups, startOrder } from '../../scripts/nodes/power.ts'
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

test('nodes that continue with their memory start together, before those that boot', () => {
  const lab = fixtureLab('qemu')
  const names = (continuing: string[], nodes = lab.nodes) =>
    startGroups(lab, nodes, { continues: (_, { name }) => continuing.includes(name) }).map((group) =>
      group.map(({ name }) => name),
    )
  expect(names(['controller', 'compute1'])).toEqual([['controller', 'compute1']])
  expect(names(['compute1'])).toEqual([['compute1'], ['controller']])
  expect(names([])).toEqual([['controller'], ['compute1']])
  expect(names(['controller', 'compute1'], lab.nodes.slice(1))).toEqual([['compute1']])
})
