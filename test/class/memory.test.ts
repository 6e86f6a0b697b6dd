import { expect, test } from 'vitest'
import { describeMemory } from '../../scripts/class/memory.ts'
import type { NodeStatus } from '../../scripts/health/status/nodes.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const node = (name: string, memoryMiB: number, usedMiB?: number): NodeStatus => ({
  ...{ name, roles: [], address: '', state: 'running', memoryMiB },
  ...(usedMiB === undefined ? {} : { usedMiB }),
})
const flavor = { name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 1 }
const limits = { instances: 1, cores: 1, memoryMiB: 128, ports: 5, networks: 2 }
const wanted = { students: 20, networks: 20, limits, flavor }

test('a need that does not fit begins with a mark', () => {
  expect(describeMemory(lab, [node('controller', 6144, 4700), node('compute1', 3072, 900)], wanted)).toEqual([
    'memory of controller: 20 networks need about 160 MiB; 1444 MiB are free',
    '! memory of compute1: all instances together may need 4860 MiB; 2172 MiB are free',
  ])
})

test('without networks to make only instances are counted; a silent node tells nothing', () => {
  expect(describeMemory(lab, [node('controller', 6144), node('compute1', 3072)], { ...wanted, networks: 0 })).toEqual([
    'memory of compute1: all instances together may need 4860 MiB; how much is free is not known',
  ])
})
