import { expect, test } from 'vitest'
import { checkOwners } from '../../scripts/host/owners.ts'
import { fitMachine, wanted } from './facts.ts'

const libvirt = {
  ...fitMachine.libvirt,
  domains: [{ name: 'duostack-controller', mark: 'duostack lab 0000000a, definition 12' }],
  networks: [{ name: 'duostack-management', mark: 'virbr3', ranges: [] }],
  owners: { '0000000a': '/home/anna/lab' },
}

test("another lab's objects of the same name are refused with their owner", () => {
  const [finding] = checkOwners({ libvirt }, { ...wanted, id: '1a2b3c4d' })
  expect(finding?.given).toContain('domain duostack-controller (lab 0000000a of /home/anna/lab)')
  expect(finding?.given).toContain('network duostack-management (of no lab)')
})

test('a new lab, which has no id yet, owns nothing', () => {
  expect(checkOwners({ libvirt }, wanted)).toHaveLength(1)
})

test("the lab's own objects and other names are not a clash", () => {
  const own = {
    ...libvirt,
    domains: [
      { name: 'duostack-controller', mark: 'duostack lab 1a2b3c4d' },
      { name: 'duostackish', mark: '' },
    ],
    networks: [{ name: 'duostack-provider', mark: '1a2b3c4d-prov', ranges: [] }],
    pools: [{ name: 'duostack-pool', mark: '/var/lib/duostack/1a2b3c4d/pool' }],
  }
  expect(checkOwners({ libvirt: own }, { ...wanted, id: '1a2b3c4d' })).toEqual([])
})

test('a private libvirtd shares no names with anybody', () => {
  expect(checkOwners({ libvirt }, { ...wanted, isolation: 'netns' })).toEqual([])
})
