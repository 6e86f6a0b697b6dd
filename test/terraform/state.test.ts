import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readState, setAsideTornStates } from '../../scripts/terraform/state.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

function labWith(states: Record<string, string>) {
  const terraform = join(temporaryFolder(), 'terraform')
  mkdirSync(terraform)
  for (const [stack, text] of Object.entries(states)) writeFileSync(join(terraform, `${stack}.tfstate`), text)
  const lab = fixtureLab('lxc')
  return { ...lab, paths: { ...lab.paths, terraform } }
}

const whole = JSON.stringify({ version: 4, resources: [] })

test('a state that is empty or truncated is moved aside and then counts as missing', () => {
  const lab = labWith({ nodes: '', services: whole.slice(0, 12), cloud: whole })
  expect(readState(lab, 'services')).toEqual([])
  expect(setAsideTornStates(lab)).toEqual(['nodes.tfstate', 'services.tfstate'])
  expect(readdirSync(lab.paths.terraform).sort()).toEqual([
    'cloud.tfstate',
    'nodes.tfstate.torn',
    'services.tfstate.torn',
  ])
  expect(setAsideTornStates(lab)).toEqual([])
})
