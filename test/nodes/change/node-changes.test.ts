/** The differences between the existing and the declared nodes, and which of them cannot be applied. */

import { describe, expect, test } from 'vitest'
import { describeFinding } from '../../../scripts/declaration/errors.ts'
import type { LabNode } from '../../../scripts/declaration/lab.ts'
import type { LibvirtDomain } from '../../../scripts/libvirt/xml.ts'
import { readBuiltNodes, recordOf } from '../../../scripts/nodes/change/built-nodes.ts'
import { checkBuiltNodes } from '../../../scripts/nodes/change/fixed.ts'
import { describeNodeChanges, findNodeChanges, isSwitchedOff } from '../../../scripts/nodes/change/node-changes.ts'
import type { StateResource } from '../../../scripts/terraform/state.ts'
import { fixtureLab, fixtureNode } from '../../fixtures/lab.ts'

const lab = fixtureLab('qemu')
const [controller, compute1] = lab.nodes as [LabNode, LabNode]
const compute2 = fixtureNode('compute2', 32)

const resource = (name: string, attributes: object, tainted = false): StateResource => ({
  type: 'terraform_data',
  name,
  address: `terraform_data.${name}`,
  tainted,
  attributes: attributes as StateResource['attributes'],
})
/** As Terraform stores `input`. */
const built = (node: LabNode, tainted = false) =>
  resource(node.name, { input: { value: recordOf('qemu', node), type: 'object' } }, tainted)
const domain = ({ name, memoryMiB, vcpus }: LabNode, changes: Partial<LibvirtDomain> = {}): LibvirtDomain => ({
  name: `duostack-${name}`,
  uuid: name,
  driver: 'qemu',
  running: true,
  memoryMiB,
  vcpus,
  ...changes,
})

const state = [built(controller), built(compute1)]
const domains = [domain(controller), domain(compute1)]

describe('existing nodes', () => {
  test('as they are declared: nothing to do', () => {
    expect(findNodeChanges(lab, domains, state)).toEqual({ retired: [], resized: [] })
    expect(describeNodeChanges(lab, domains, state)).toEqual([])
  })

  test("one that is no longer declared is retired, even if Terraform's state or libvirt no longer has it", () => {
    for (const [one, other] of [
      [
        [...domains, domain(compute2)],
        [...state, built(compute2)],
      ],
      [[...domains, domain(compute2)], state],
      [domains, [...state, built(compute2)]],
    ] as const) {
      expect(findNodeChanges(lab, one, other).retired).toEqual(['compute2'])
      expect(describeNodeChanges(lab, one, other)).toEqual(['compute2: is removed: it is no longer in hosts.yml'])
    }
  })

  test('one with another size is resized; one that was never finished is recreated by Terraform', () => {
    const small = [domain(controller), domain(compute1, { memoryMiB: 2048, vcpus: 1 })]
    expect(describeNodeChanges(lab, small, state)).toEqual([
      'compute1: memory_mib 2048 → 3072, vcpus 1 → 2, after a clean shutdown',
    ])
    expect(findNodeChanges(lab, small, [built(controller), built(compute1, true)]).resized).toEqual([])
  })

  test('one that does not run is named', () => {
    expect(describeNodeChanges(lab, [domain(controller, { running: false })], state)).toEqual([
      'controller: is started: its domain is shut off',
      'compute1: is started: its domain is missing',
    ])
  })

  test('a domain of another lab with a longer name is not ours', () => {
    expect(findNodeChanges(lab, [...domains, { ...domain(compute2), name: 'duostack2-compute2' }], state)).toEqual({
      retired: [],
      resized: [],
    })
  })
})

describe('a node that was built', () => {
  const nodes = readBuiltNodes(state)
  const check = (...changed: LabNode[]) =>
    checkBuiltNodes({ nodes: changed, nodePlaces: { compute1: 'ansible-vars/hosts.yml:9:9' } }, 'qemu', nodes).map(
      describeFinding,
    )

  test('can be resized, get more roles, be removed, and be joined by others', () => {
    expect(check(controller, { ...compute1, memoryMiB: 9000, vcpus: 4, roles: ['compute', 'storage'] })).toEqual([])
    expect(check(controller, compute2)).toEqual([])
  })

  test('keeps its address, disks and roles; the error says how to change them anyway', () => {
    const [address] = check(controller, { ...compute1, address: '10.0.0.99' })
    expect(address).toBe(
      'ansible-vars/hosts.yml:9:9: compute1: ansible_host: 10.0.0.99\n    expected: 10.0.0.31, as compute1 was built\n' +
        '    hint: take compute1 out of ansible-vars/hosts.yml, ./lab up, and declare it anew; or ./lab up --rebuild (a new lab in its place)',
    )
    expect(check(controller, { ...compute1, diskGiB: 30 })[0]).toContain('disk_gib: 30')
    expect(check(controller, { ...compute1, volumeDiskGiB: 8 })[0]).toContain('volume_disk_gib: 8')
    const [roles] = check({ ...controller, roles: ['controller'] }, compute1)
    expect(roles).toMatch(/no longer in the group storage[\s\S]*hint: .\/lab up --rebuild/)
  })

  test('stays the controller under its name', () => {
    expect(check({ ...controller, name: 'head' }, compute1)[0]).toMatch(
      /the controller is head[\s\S]*expected: controller, as the lab was built[\s\S]*hint: .\/lab up --rebuild/,
    )
  })

  test('as a container has no disk of its own to keep', () => {
    const container = readBuiltNodes([resource('compute1', { input: { value: recordOf('lxc', compute1) } })])
    const changed = { ...compute1, diskGiB: 99 }
    expect(checkBuiltNodes({ nodes: [controller, changed], nodePlaces: {} }, 'lxc', container)).toEqual([])
  })
})

test('Cinder is switched off if it was on and is declared off', () => {
  const off = { ...lab, services: { ...lab.services, cinder: false } }
  const on = [resource('cinder', { triggers_replace: { value: { digest: 'ab' } } })]
  expect(isSwitchedOff(off, 'cinder', on)).toBe(true)
  expect(isSwitchedOff(lab, 'cinder', on)).toBe(false)
  expect(isSwitchedOff(off, 'cinder', [resource('cinder', { triggers_replace: { value: { state: 'absent' } } })])).toBe(
    false,
  )
  expect(isSwitchedOff(off, 'cinder', [])).toBe(false)
})
