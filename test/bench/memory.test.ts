import { execa } from 'execa'
import { expect, test } from 'vitest'
import { memoryScript, parseMemory, showMemory } from '../../bench/memory.ts'

test("a unit's processes are added up, the largest unit first; other lines count for nothing", () => {
  const output = 'keystone.service 102400\nmariadb.service 204800\nkeystone.service 153600\nbash: no such file\n'
  expect(parseMemory('controller', output)).toEqual([
    { node: 'controller', unit: 'keystone', processes: 2, mib: 250 },
    { node: 'controller', unit: 'mariadb', processes: 1, mib: 200 },
  ])
  expect(showMemory(parseMemory('controller', output))).toMatchInlineSnapshot(`
    "node        unit      processes  MiB
    controller  keystone          2  250
    controller  mariadb           1  200
    450 MiB in all"
  `)
})

test('the script reads a process of no unit, and one that has ended, without failing', async () => {
  const script = memoryScript(`/proc/${process.pid} /proc/4194305`)
  const { exitCode, stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^(\S+\.service \d+)?$/)
})
