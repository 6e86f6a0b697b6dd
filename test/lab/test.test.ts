import { expect, test } from 'vitest'
import { environment } from '../../scripts/lab/test.ts'

test("names of parts and our options are taken out; vitest's own stay, with their values", () => {
  const words = ['doctor', '--here', 'kills', '--kills', '3', '-t', 'disk full', '--bail=0']
  expect(environment('faults', words)).toEqual({
    DUOSTACK_E2E_HYPERVISOR: 'lxc',
    DUOSTACK_TEST_HERE: '1',
    DUOSTACK_FAULTS_PARTS: 'doctor,kills',
    DUOSTACK_FAULTS_KILLS: '3',
  })
  expect(words).toEqual(['-t', 'disk full', '--bail=0'])
})

test('cases of other machines likewise', () => {
  const words = ['--keep', 'offline', '-t', 'bundle']
  expect(environment('hosts', words)).toEqual({ DUOSTACK_HOSTS_KEEP: '1', DUOSTACK_HOSTS_CASES: 'offline' })
  expect(words).toEqual(['-t', 'bundle'])
})
