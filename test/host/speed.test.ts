import { expect, test } from 'vitest'
import { measureTimeScale, scaleOf, timeScaleOf } from '../../scripts/host/speed.ts'

test.each([
  [0.02, 1],
  [0.06, 1],
  [0.2, 1],
  [0.3, 5],
  [0.72, 12],
  [600, 60],
])('a loop that takes %s s instead of 0.06: scale %i', (seconds, scale) => {
  expect(scaleOf(seconds, 0.06)).toBe(scale)
})

test.each([
  ['lxc', { loop: 0.06 }, 1],
  ['lxc', { loop: 0.72 }, 12],
  ['qemu', { loop: 0.06 }, 12],
  ['qemu', { loop: 0.3 }, 60],
  ['kvm', { loop: 0.06, firmware: 0.04 }, 1],
  // Nested virtualization: the machine itself is fast, its guests are not.
  ['kvm', { loop: 0.06, firmware: 0.6 }, 12],
  ['kvm', { loop: 0.72, firmware: 0.3 }, 12],
] as const)('%s, %o: %i', (hypervisor, speeds, scale) => {
  expect(timeScaleOf(hypervisor, speeds)).toBe(scale)
})

test('on the test machine the loop can be measured, whatever else runs', async () => {
  expect(await measureTimeScale('qemu')).toBeGreaterThanOrEqual(12)
})
