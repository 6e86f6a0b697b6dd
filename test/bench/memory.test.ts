import { execa } from 'execa'
import { expect, test } from 'vitest'
import { memoryScript, parseMemory, showMemory } from '../../bench/memory.ts'

test('the processes of a unit are added up, the largest unit comes first; other lines are ignored', () => {
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

test('the script handles processes without a unit and processes that have ended', async () => {
  const script = memoryScript(`/proc/${process.pid} /proc/4194305`)
  const { exitCode, stdout } = await execa('bash', ['-euo', 'pipefail', '-c', script])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^(\S+\.service \d+)?$/)
})
