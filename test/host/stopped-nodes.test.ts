import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findStopped } from '../../scripts/host/stopped-nodes.ts'
import { stateFile } from '../../scripts/terraform/state.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'
import { terraformData } from '../fixtures/terraform-data.ts'

/** Both nodes were deployed; `ending`: told to shut down by a command that was killed. */
function scratchLab(hypervisor: 'lxc' | 'qemu', { ending = [] as string[] } = {}) {
  const [terraform, state] = [join(temporaryFolder(), 'terraform'), temporaryFolder()]
  mkdirSync(terraform)
  const base = fixtureLab(hypervisor)
  const lab = { ...base, paths: { ...base.paths, terraform, state } }
  const resources = lab.nodes.map(({ name }) => terraformData(name))
  const content = { version: 4, terraform_version: '1.5.0', serial: 1, lineage: 'a', outputs: {}, resources }
  writeFileSync(stateFile(lab, 'nodes'), JSON.stringify(content))
  for (const name of ending) writeFileSync(join(state, `shutting-down-${name}`), '')
  return lab
}

const domains = (running: Record<string, boolean>) => ({
  domains: Object.entries(running).map(([name, runs]) => ({
    name: `duostack-${name}`,
    uuid: name,
    driver: 'lxc' as const,
    running: runs,
    memoryMiB: 1024,
    vcpus: 1,
  })),
})

const namesOf = (nodes: readonly { name: string }[]) => nodes.map(({ name }) => name)

test('nodes that run are left alone', () => {
  const lab = scratchLab('lxc')
  expect(findStopped(lab, domains({ controller: true, compute1: true }), [])).toEqual([])
})

test('a container that is off is started; what shows that a machine is off is its provider', () => {
  const seen = domains({ controller: true, compute1: false })
  expect(namesOf(findStopped(scratchLab('lxc'), seen, []))).toEqual(['compute1'])
  expect(findStopped(scratchLab('qemu'), seen, [])).toEqual([])
})

test.each(['lxc', 'qemu'] as const)(
  'one that runs and is shutting down does not count as running: %s',
  (hypervisor) => {
    const lab = scratchLab(hypervisor, { ending: ['compute1'] })
    expect(namesOf(findStopped(lab, domains({ controller: true, compute1: true }), []))).toEqual(['compute1'])
  },
)

test('one that a killed save holds is started', () => {
  const lab = scratchLab('qemu')
  const held = [lab.nodes[1]!]
  expect(findStopped(lab, domains({ controller: true, compute1: true }), held)).toEqual(held)
})
