import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeBreaks } from '../../../scripts/exercises/breaks.ts'
import { rules } from '../../../scripts/health/doctor/rules/index.ts'
import { scriptOf, waves, wavesOfHosts, wavesOfMachines, wavesOfSelfService } from '../../harness/breaks/waves.ts'

test('every rule has a script that breaks a lab in a way that it must find', () => {
  const breaks = [...waves, ...wavesOfHosts, ...wavesOfMachines, ...wavesOfSelfService].flat()
  const named = breaks.filter(({ script }) => !script).map(({ rule }) => rule)
  expect(named.toSorted()).toEqual(Object.keys(rules).toSorted())
  const folder = join(import.meta.dirname, '../../harness/breaks')
  const own = readdirSync(folder).filter((file) => file.endsWith('.sh') && file !== 'run.sh')
  const scripts = [...own, ...Object.keys(nodeBreaks).map((name) => `${name}.sh`)]
  expect(scripts.toSorted()).toEqual(breaks.map((one) => `${scriptOf(one)}.sh`).toSorted())
})
