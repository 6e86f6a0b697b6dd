import { expect, test } from 'vitest'
import { hypervisors } from '../../scripts/declaration/lab.ts'
import { hostPackages, neededPackages } from '../../scripts/host/packages.ts'
import { checkHost } from '../../scripts/host/preflight.ts'
import { fitMachine, wanted } from './facts.ts'
import { systemPackages, unseen } from './system-packages.ts'

const systems = Object.entries(systemPackages)

test.each(systems)('%s has every package that we install, under the name that we use', (_, known) => {
  const required = hostPackages.filter(({ optional }) => !optional).map(({ name }) => name)
  expect(required.filter((name) => !known[name])).toEqual([])
})

test('a package is optional if one of the systems has it and another does not', () => {
  for (const { name, optional } of hostPackages) {
    const having = systems.filter(([, known]) => known[name]).length
    expect([name, having < systems.length]).toEqual([name, optional ?? false])
    expect([name, having]).not.toEqual([name, 0])
  }
})

test('the systems of the table are those that the preflight accepts', () => {
  for (const [system] of systems) {
    const [id = '', version = ''] = system.split(' ')
    expect(checkHost({ ...fitMachine, system: { ...fitMachine.system, id, version } }, wanted)).toEqual([])
  }
})

test('for Debian every version was looked up', () => {
  const debian = systems.filter(([system]) => system.startsWith('debian'))
  expect(debian.flatMap(([, known]) => Object.values(known)).filter((version) => version === unseen)).toEqual([])
})

test.each(hypervisors)('verify has its tools on every kind of node: %s', (hypervisor) => {
  const names = neededPackages(hypervisor, 'netns').map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['iputils-ping', 'openssh-client', 'tcpdump']))
})
