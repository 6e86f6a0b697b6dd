import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { taintDrift } from '../../scripts/host/drift-taint.ts'
import type { Progress } from '../../scripts/run/progress.ts'
import { readState, stateFile } from '../../scripts/terraform/state.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'
import { terraformData } from '../fixtures/terraform-data.ts'

/** A lab with deployed services, as a state that the real Terraform reads and writes. */
function deployedLab() {
  const terraform = join(temporaryFolder(), 'terraform')
  mkdirSync(terraform)
  const lab = fixtureLab('lxc')
  const placed = { ...lab, paths: { ...lab.paths, terraform } }
  const resources = [terraformData('keystone'), terraformData('glance')]
  const state = { version: 4, terraform_version: '1.5.0', serial: 1, lineage: 'a', outputs: {}, resources }
  writeFileSync(stateFile(placed, 'services'), JSON.stringify(state))
  return placed
}

const tainted = (lab: ReturnType<typeof deployedLab>) =>
  readState(lab, 'services').map(({ name, tainted }) => `${name} ${tainted}`)

const domain = (name: string, running: boolean) => ({
  name: `duostack-${name}`,
  uuid: name,
  driver: 'lxc' as const,
  running,
  memoryMiB: 1024,
  vcpus: 1,
})

/** Only Terraform may write the services' states. */
const noTerraform = spawnSync('terraform', ['version']).error !== undefined

test.skipIf(noTerraform)(
  'if the controller has yet to be created, everything deployed on it is checked again',
  async () => {
    const lab = deployedLab()
    await taintDrift(lab, { domains: [domain('compute1', true)] }, { progress: {} as Progress, booting: false })
    expect(tainted(lab)).toEqual(['glance true', 'keystone true'])
  },
)

test('services are not compared with a compute node that is off', async () => {
  const lab = deployedLab()
  const domains = [domain('controller', true), domain('compute1', false)]
  await taintDrift(lab, { domains }, { progress: {} as Progress, booting: false })
  expect(tainted(lab)).toEqual(['keystone false', 'glance false'])
})
