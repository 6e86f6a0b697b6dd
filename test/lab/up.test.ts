import { expect, test } from 'vitest'
import { keepChoices } from '../../scripts/lab/up.ts'

const old = { hypervisor: 'lxc', terraform: { name: 'tofu', path: '/usr/bin/tofu' } } as const

test('up --rebuild makes the same kind of node with the same program', () => {
  expect(keepChoices({}, 'auto', old)).toEqual({ hypervisor: 'lxc', terraform: 'tofu' })
})

test('up --rebuild follows what is declared or asked for', () => {
  expect(keepChoices({}, 'kvm', old).hypervisor).toBeUndefined()
  const wishes = { hypervisor: 'auto', terraform: 'terraform' }
  expect(keepChoices(wishes, 'auto', old)).toEqual(wishes)
})
