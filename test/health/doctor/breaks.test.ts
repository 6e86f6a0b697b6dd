import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rules } from '../../../scripts/health/doctor/rules/index.ts'
import { waves, wavesOfHosts, wavesOfMachines } from '../../harness/breaks/waves.ts'

test('every rule has a script that breaks a lab in a way that it must find', () => {
  const names = [...waves, ...wavesOfHosts, ...wavesOfMachines].flat().map(({ rule }) => rule)
  expect(names.toSorted()).toEqual(Object.keys(rules).toSorted())
  const folder = join(import.meta.dirname, '../../harness/breaks')
  const scripts = readdirSync(folder).filter((file) => file.endsWith('.sh') && file !== 'run.sh')
  expect(scripts.toSorted()).toEqual(names.map((name) => `${name}.sh`).toSorted())
})
