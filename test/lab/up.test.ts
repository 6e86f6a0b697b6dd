import { expect, test } from 'vitest'
import { keepChoices } from '../../scripts/lab/up.ts'

const old = { hypervisor: 'lxc', terraform: { name: 'tofu', path: process.execPath } } as const

test('up --rebuild makes the same kind of node with the same program', () => {
  expect(keepChoices({}, 'auto', old)).toEqual({ hypervisor: 'lxc', terraform: 'tofu' })
})

test('up --rebuild uses another program where that one is gone', () => {
  const gone = { ...old, terraform: { name: 'tofu', path: '/nonexistent/tofu' } } as const
  expect(keepChoices({}, 'auto', gone)).toEqual({ hypervisor: 'lxc', terraform: undefined })
})

test('up --rebuild follows what is declared or asked for', () => {
  expect(keepChoices({}, 'kvm', old).hypervisor).toBeUndefined()
  const wishes = { hypervisor: 'auto', terraform: 'terraform' }
  expect(keepChoices(wishes, 'auto', old)).toEqual(wishes)
})
