/** Which processes belong to a measured lab, and how much they have used. */

import { execa } from 'execa'
import { expect, test } from 'vitest'
import {
  type Process,
  parseStat,
  readProcesses,
  selectLab,
  startMeter,
  sumMemoryMiB,
  sumUsage,
} from '../../bench/meter.ts'

const one = (pid: number, parent: number, network = 'net:[1]'): Process => ({
  ...{ pid, parent, network, ticks: 100, writtenBytes: 2 ** 20 },
})

test('a program can have any name: fields are counted from the last bracket', () => {
  const numbers = Array.from({ length: 40 }, (_, index) => String(index + 3))
  expect(parseStat(`7 (a) b (c) ${['S', ...numbers.slice(1)].join(' ')}`)).toEqual({
    parent: 4,
    ticks: 14 + 15 + 16 + 17,
  })
})

test("a lab's processes are our children, and those in its namespace with their children", () => {
  // 20 was started by us and is now a child of init; 21, a node, is in its own namespace.
  const processes = [one(1, 0), one(10, 1), one(11, 10), one(20, 1, 'net:[2]'), one(21, 20, 'net:[3]'), one(30, 1)]
  expect(selectLab(processes, 10, 'net:[2]').map(({ pid }) => pid)).toEqual([10, 11, 20, 21])
  expect(selectLab(processes, 10, undefined).map(({ pid }) => pid)).toEqual([10, 11])
  expect(sumUsage(processes)).toEqual({ cpuSeconds: 6, writtenMiB: 6 })
})

test('the usage of a child that has ended is counted', async () => {
  const meter = startMeter(() => undefined)
  const used = await meter.time(() => execa('sh', ['-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done']))
  meter.stop()
  expect(used.cpuSeconds).toBeGreaterThan(0.02)
  expect(used.seconds).toBeGreaterThan(0.02)
  expect(meter.peakMiB()).toBeGreaterThan(10)
  expect(sumMemoryMiB([one(4_194_305, 1)])).toBe(0)
  expect(readProcesses().some(({ pid }) => pid === process.pid)).toBe(true)
})
