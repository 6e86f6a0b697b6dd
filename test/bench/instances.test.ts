/** The benchmark's instance on each compute node: what is waited for, and what does not count as an answer. */

import { expect, test } from 'vitest'
import { readyServers } from '../../bench/instances.ts'

const server = (node: string, Status: string, Host: string | null = node) => ({
  ...{ Name: `bench-${node}`, Status, Host },
  Networks: { provider: ['203.0.113.102'] },
})
const nodes = ['compute1', 'compute2']

test('all of them have to be ACTIVE, each on the node for which it was requested', () => {
  const both = [server('compute1', 'ACTIVE'), server('compute2', 'ACTIVE')]
  expect(readyServers(both, nodes)).toEqual(both)
  expect(readyServers([both[0]!, server('compute2', 'BUILD', null)], nodes)).toBeUndefined()
  expect(readyServers(both.slice(1), nodes)).toBeUndefined()
})

test('one that failed or is on another node ends the wait and is named', () => {
  expect(() => readyServers([server('compute1', 'ERROR', null)], nodes)).toThrow('bench-compute1 ERROR on null')
  expect(() => readyServers([server('compute2', 'ACTIVE', 'compute1')], nodes)).toThrow(
    'bench-compute2 ACTIVE on compute1',
  )
})
