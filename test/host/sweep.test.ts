import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { findOrphans } from '../../scripts/host/orphans.ts'
import { sweepScript } from '../../scripts/host/sweep.ts'
import type { Inventory } from '../../scripts/libvirt/inventory.ts'
import type { StateResource } from '../../scripts/terraform/state.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const nothing: Inventory = {
  domains: [],
  networks: [],
  pools: [],
  volumes: [],
  namespaces: [],
  mounts: [],
  links: [],
  processes: [],
  cgroups: [],
  directories: [],
  rules: [],
}

const run = (script: string) => execa('bash', ['-s'], { input: script, reject: false })

test('a process is killed by its pid, and only while it is still the same program', async () => {
  const own = execa('sleep', ['60'], { reject: false })
  const other = execa('sleep', ['60'], { reject: false })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const processes = [
    { pid: own.pid!, program: 'sleep' },
    { pid: other.pid!, program: 'libvirtd' },
  ]
  await run(sweepScript(fixtureLab('lxc'), { ...nothing, processes }))
  expect((await own).signal).toBe('SIGTERM')
  expect(other.kill(0)).toBe(true)
  other.kill()
})

test('one that ignores SIGTERM is killed anyway', async () => {
  const stubborn = execa('bash', ['-c', "trap '' TERM; echo ready; while :; do sleep 0.1; done"], { reject: false })
  await new Promise((resolve) => stubborn.stdout.once('data', resolve))
  await run(sweepScript(fixtureLab('lxc'), { ...nothing, processes: [{ pid: stubborn.pid!, program: 'bash' }] }))
  expect((await stubborn).signal).toBe('SIGKILL')
})

test("folders are removed only if they carry the lab's id", async () => {
  const root = temporaryFolder()
  const lab = fixtureLab('lxc')
  const [own, foreign] = [join(root, `duostack-${lab.id}`), join(root, 'duostack-ffffffff')]
  for (const folder of [own, foreign]) {
    mkdirSync(folder)
    writeFileSync(join(folder, 'file'), '')
  }
  await run(sweepScript(lab, { ...nothing, directories: [own, foreign] }))
  expect((await execa('ls', [root])).stdout).toBe('duostack-ffffffff')
})

const resource = (type: string, name: string, changes: Partial<StateResource> = {}): StateResource => ({
  address: `${type}.${name}`,
  type,
  name,
  tainted: false,
  attributes: { name: `duostack-${name}` },
  ...changes,
})
const object = (name: string) => ({ name: `duostack-${name}`, uuid: name })
const found = {
  domains: [
    { ...object('controller'), driver: 'qemu' as const, running: true, memoryMiB: 6144, vcpus: 2 },
    { ...object('compute1'), driver: 'lxc' as const, running: false, memoryMiB: 3072, vcpus: 2 },
  ],
  networks: [object('management'), object('provider')],
  pools: [object('pool')],
}
const names = (objects: ReturnType<typeof findOrphans>) =>
  Object.values(objects)
    .flat()
    .map(({ uuid }) => uuid)
const known = [
  resource('libvirt_domain', 'controller'),
  resource('libvirt_network', 'management'),
  resource('libvirt_network', 'provider'),
  resource('libvirt_pool', 'pool'),
  resource('terraform_data', 'compute1'),
]

test("what is in Terraform's state is not an orphan, even if tainted: Terraform removes it itself", () => {
  const tainted = known.map((one) => (one.type === 'libvirt_domain' ? { ...one, tainted: true } : one))
  expect(names(findOrphans({ name: 'duostack' }, found, known))).toEqual([])
  expect(names(findOrphans({ name: 'duostack' }, found, tainted))).toEqual([])
})

test('a tainted container is an orphan: Terraform runs no destroy provisioner for it', () => {
  const tainted = known.map((one) => (one.type === 'terraform_data' ? { ...one, tainted: true } : one))
  expect(names(findOrphans({ name: 'duostack' }, found, tainted))).toEqual(['compute1'])
})

test('without a state everything of the lab is an orphan', () => {
  expect(names(findOrphans({ name: 'duostack' }, found, []))).toHaveLength(5)
})
