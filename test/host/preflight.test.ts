import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { type DiskFact, readDisks } from '../../scripts/host/disk-facts.ts'
import type { HostFacts } from '../../scripts/host/facts.ts'
import type { Wanted } from '../../scripts/host/host-check.ts'
import { readInotify } from '../../scripts/host/inotify.ts'
import { adviseHost, checkHost } from '../../scripts/host/preflight.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureStockImage } from '../fixtures/lab.ts'
import { declaration, fitMachine, wanted } from './facts.ts'

const findings = (facts: Partial<HostFacts>, changes: Partial<Wanted> = {}) =>
  checkHost({ ...fitMachine, ...facts }, { ...wanted, ...changes })

test('a suitable machine has no findings', () => {
  expect(findings({})).toEqual([])
})

test.each([
  ['debian', '13', 0],
  ['ubuntu', '22.04', 0],
  ['ubuntu', '24.04', 0],
  ['debian', '11', 1],
  ['ubuntu', '23.10', 1],
  ['fedora', '41', 1],
])('%s %s: %i findings', (id, version, count) => {
  expect(findings({ system: { id, version, name: `${id} ${version}`, architecture: 'x64' } })).toHaveLength(count)
})

test('another processor is refused and named', () => {
  expect(findings({ system: { ...fitMachine.system, architecture: 'arm64' } })[0]?.given).toBe('arm64')
})

test.each([
  ['20.19.0', true],
  ['20.18.3', false],
  ['22.4.0', true],
  ['23.1.0', false],
  ['18.20.0', false],
])('Node %s: fit %s', (nodeVersion, fit) => {
  expect(findings({ nodeVersion }).length === 0).toBe(fit)
})

test('without sudo nothing is started, and the hint says what to do', () => {
  const [finding] = findings({ root: false })
  expect(finding?.where).toBe('sudo')
  expect(finding?.remedy).toContain('NOPASSWD')
})

test('too little memory names the missing amount', () => {
  const [finding] = findings({ memory: { totalMiB: 16_000, availableMiB: 9000 } })
  expect(finding?.where).toBe('memory')
  expect(finding?.given).toContain(`${6000 + 4000 + 768 - 9000} MiB too little`)
})

test('paths on one file system share its space', () => {
  const disks = (freeMiB: number) => fitMachine.disks.map((disk) => ({ ...disk, device: 1, freeMiB }))
  const needed = 50 * 1024 + 10 * 1024 + 512
  expect(findings({ disks: disks(needed) })).toEqual([])
  const [finding] = findings({ disks: disks(needed - 7) })
  expect(finding?.given).toContain(': 7 MiB too little')
  expect(finding?.where).toContain('/var/lib/duostack and /var/cache/duostack')
})

test('an image that exists needs no more space', () => {
  const disks = fitMachine.disks.map((disk) => ({ ...disk, freeMiB: 51 * 1024 }))
  expect(findings({ disks })).toHaveLength(1)
  expect(findings({ disks }, { image: true })).toEqual([])
})

test('a declared port that is in use is reported at its place in the declaration', () => {
  const { dashboard } = declaration.cloud.ports
  const [finding] = findings({ ports: [dashboard] })
  expect(finding?.where).toBe(declaration.places.dashboard)
  expect(finding?.given).toContain(`port ${dashboard}`)
})

test("a running lab's own memory and ports do not count against it", () => {
  const { dashboard } = declaration.cloud.ports
  const used = {
    memory: { totalMiB: 16_000, availableMiB: 100 },
    ports: [dashboard],
  }
  expect(findings(used, { living: true, id: '1a2b3c4d' })).toEqual([])
})

describe('the disk of a running lab', () => {
  const living = { living: true, id: '1a2b3c4d' }
  const disks = (changes: object) => ({ disks: fitMachine.disks.map((disk) => ({ ...disk, ...changes })) })

  test('needs no more space for existing nodes', () => {
    expect(findings(disks({ freeMiB: 1000 }), living)).toEqual([])
  })

  test('that is full is refused before anything is written to it', () => {
    const [finding, ...others] = findings(disks({ freeMiB: 0 }), living)
    expect(others).toEqual([])
    expect(finding).toMatchObject({ where: '/var/lib/duostack', given: '0 MiB free: 256 MiB too little' })
    expect(finding?.remedy).toContain('./lab doctor')
  })

  test('that has no inodes left is refused too', () => {
    const [finding] = findings(disks({ freeInodes: 3 }), living)
    expect(finding).toMatchObject({ given: '3 free inodes', remedy: 'df -i /var/lib/duostack' })
  })

  test('that is read-only is reported only as that', () => {
    const [finding, ...others] = findings(disks({ freeMiB: 0, readOnly: true }), living)
    expect(others).toEqual([])
    expect(finding?.given).toBe('on a read-only file system')
  })
})

describe('the file system under container nodes', () => {
  const lxc = { declaration: { ...declaration, hypervisor: 'lxc' as const } }
  const on = (noUpper: string, use = 'data') => ({
    disks: fitMachine.disks.map((disk) => (disk.use === use ? { ...disk, noUpper } : disk)),
  })

  test.each(['overlay', 'NFS'])('must not be %s: no node can be mounted there', (name) => {
    const [finding, ...others] = findings(on(name), lxc)
    expect(others).toEqual([])
    expect(finding).toMatchObject({ where: '/var/lib/duostack', given: expect.stringContaining(`on ${name}, which`) })
    expect(finding?.remedy).toMatch(/mount a disk at \/var\/lib\/duostack .*--hypervisor qemu/)
  })

  test('may be any kind for virtual machines, and for the image alone', () => {
    expect(findings(on('overlay'))).toEqual([])
    expect(findings(on('overlay', 'image'), lxc)).toEqual([])
  })

  test('of this machine is read from the kernel', async () => {
    const program = join(temporaryFolder(), 'disks.ts')
    writeFileSync(
      program,
      `import { readDisks } from ${JSON.stringify(join(import.meta.dirname, '../../scripts/host/disk-facts.ts'))}
console.log(JSON.stringify(await readDisks('/')))`,
    )
    const mounted = `set -e; mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/var/lib,upperdir=/mnt/upper,workdir=/mnt/work /var/lib
mkdir -p /var/lib/duostack; exec "$@"`
    const argv = ['--mount', 'bash', '-c', mounted, 'bash', process.execPath, 'scripts/run.mjs', program]
    const disks = JSON.parse((await execa('unshare', argv)).stdout) as DiskFact[]
    expect(disks.find(({ use }) => use === 'data')).toMatchObject({ noUpper: 'overlay' })
    expect((await readDisks('/')).find(({ use }) => use === 'states')).not.toHaveProperty('noUpper')
  })
})

test('one path that is mounted read-only is reported alone, even if it shares its file system with others', () => {
  const disks = fitMachine.disks.map((disk) => ({
    ...disk,
    device: 1,
    ...(disk.use === 'cache' ? { readOnly: true as const } : {}),
  }))
  expect(findings({ disks })).toMatchObject([
    { where: '/home/user/.cache/duostack', given: 'on a read-only file system' },
  ])
})

describe('inotify instances of root', () => {
  const lxc = { ...wanted, declaration: { ...declaration, hypervisor: 'lxc' as const } }
  const judged = (free: number, other: Partial<Wanted> = {}) =>
    findings({ inotify: { free, limit: 128 } }, { ...lxc, ...other })

  test('must be available for each container node that will start', () => {
    expect(judged(32)).toEqual([])
    expect(judged(31)).toMatchObject([
      {
        where: '/proc/sys/fs/inotify/max_user_instances',
        given: expect.stringContaining('128, of which root has 31 left'),
      },
    ])
    expect(judged(31)[0]?.remedy).toContain('sysctl')
    expect(judged(0, { living: true })).toEqual([])
    expect(judged(0, { declaration })).toEqual([])
  })

  test('are counted by allocating them', async () => {
    const program = join(temporaryFolder(), 'inotify.ts')
    writeFileSync(
      program,
      `import { readInotify } from ${JSON.stringify(join(import.meta.dirname, '../../scripts/host/inotify.ts'))}
console.log(JSON.stringify(await readInotify()))`,
    )
    const limited = 'echo 3 >/proc/sys/user/max_inotify_instances && exec "$@"'
    const argv = [
      '--user',
      '--map-root-user',
      'bash',
      '-c',
      limited,
      'bash',
      process.execPath,
      'scripts/run.mjs',
      program,
    ]
    expect(JSON.parse((await execa('unshare', argv)).stdout)).toMatchObject({ free: 3 })
    expect((await readInotify())!.free).toBeGreaterThan(3)
  })
})

test('kvm on a processor without support names what works instead', () => {
  const [finding] = findings({ cpuVirtualization: false }, { declaration: { ...declaration, hypervisor: 'kvm' } })
  expect(finding?.where).toBe(declaration.places.hypervisor)
  expect(finding?.allowed).toContain('lxc')
})

test('containers of a stock image are refused with the reason, even if only the command line asks for them', () => {
  const stock = { ...declaration, stockImage: fixtureStockImage }
  const asked = (hypervisor: 'lxc' | 'kvm' | 'auto') => findings({}, { declaration: { ...stock, hypervisor } })
  expect(asked('lxc')).toMatchObject([
    {
      given: '--hypervisor lxc, but lab_node_image is set, which is a disk image',
      allowed: expect.stringContaining('no disk'),
    },
  ])
  expect([asked('kvm'), asked('auto')]).toEqual([[], []])
  expect(findings({}, { declaration: { ...declaration, hypervisor: 'lxc' } })).toEqual([])
})

test("a user without access to the system's libvirtd gets an error, unless the lab has its own", () => {
  const libvirt = { ...fitMachine.libvirt, connects: false }
  expect(findings({ libvirt }).map(({ where }) => where)).toEqual([declaration.places.isolation])
  expect(findings({ libvirt }, { isolation: 'netns' })).toEqual([])
})

test('all problems are reported at once', () => {
  const found = findings({
    nodeVersion: '18.0.0',
    root: false,
    memory: { totalMiB: 1000, availableMiB: 500 },
    ports: [6080],
  })
  expect(found.map(({ where }) => where)).toEqual(['Node.js', 'sudo', 'memory', declaration.places.console])
})

const noTerraform = { tooOld: ['/usr/bin/terraform 1.3.2'], registry: false, mirror: false }

test('if nothing can be downloaded, Go is needed to build it', () => {
  const [finding] = findings({ terraform: noTerraform })
  expect(finding?.given).toBe(
    'too old: /usr/bin/terraform 1.3.2; Go is missing, but is needed to build OpenTofu and the providers, whose registry cannot be reached',
  )
  expect(findings({ terraform: { ...noTerraform, go: '1.19.8' } })).toHaveLength(1)
  expect(findings({ terraform: { ...noTerraform, go: '1.21.0' } })).toEqual([])
})

test('with the registry or a filled mirror no Go is needed', () => {
  const program = { name: 'tofu', path: '/usr/bin/tofu' } as const
  expect(findings({ terraform: { program, tooOld: [], registry: true, mirror: false } })).toEqual([])
  expect(findings({ terraform: { program, tooOld: [], registry: false, mirror: true } })).toEqual([])
  expect(findings({ terraform: { program, tooOld: [], registry: false, mirror: false } })).toHaveLength(1)
})

test('a clock that is behind its own files, or behind a package source, is refused', () => {
  const now = new Date('2020-01-01T00:00:00Z')
  expect(findings({ clock: { ...fitMachine.clock, now } }).map(({ where }) => where)).toEqual(['clock'])
  const source = { ...fitMachine.sources![0]!, aheadSeconds: -3600 }
  const [finding] = findings({ sources: [source] })
  expect(finding?.given).toBe('3600 s behind the package source debian bookworm')
  expect(findings({ sources: [{ ...source, aheadSeconds: 30 }] })).toEqual([])
})

test("AppArmor without its parser is a problem only for the system's libvirtd", () => {
  const appArmor = { enabled: true, parser: false }
  expect(findings({ appArmor })[0]?.remedy).toBe('sudo apt-get install apparmor')
  expect(findings({ appArmor }, { isolation: 'netns' })).toEqual([])
  expect(findings({ appArmor: { enabled: false, parser: false } })).toEqual([])
})

test('package sources matter only if something has to be installed', () => {
  const sources = [{ ...fitMachine.sources![0]!, silent: 'ECONNREFUSED' }]
  const [finding] = findings({ sources })
  expect(finding?.given).toBe('debian bookworm: ECONNREFUSED')
  expect(finding?.allowed).toContain('the node image')
  expect(findings({ sources }, { image: true })).toEqual([])
  expect(findings({ sources, packages: new Set() }, { image: true })[0]?.allowed).toContain('libvirt-daemon')
  expect(findings({ sources: [] })[0]?.given).toContain('apt has none')
})

test('a warning refuses nothing, and is shown before a new lab is built', () => {
  const worthKnowing = {
    ...fitMachine,
    names: { own: 'controller', ownResolves: false, localhost: false },
    libvirt: { ...fitMachine.libvirt, orphans: ['0a0a0a0a'], owners: { '0a0a0a0a': '/gone' } },
  }
  expect(checkHost(worthKnowing, wanted)).toEqual([])
  const advice = adviseHost(worthKnowing, wanted)
  expect(advice.map(({ where }) => where)).toEqual([
    '/etc/hosts',
    '/etc/hosts',
    'ansible-vars/hosts.yml',
    '/var/lib/duostack/0a0a0a0a',
  ])
  expect(advice.at(-1)?.remedy).toBe('./lab down --id 0a0a0a0a')
  expect(adviseHost(worthKnowing, { ...wanted, living: true })).toEqual([])
})

test('a lab that this checkout built and lost track of prevents a second one', () => {
  const libvirt = { ...fitMachine.libvirt, orphans: ['0a0a0a0a'], owners: { '0a0a0a0a': wanted.root } }
  expect(findings({ libvirt })).toMatchObject([
    { where: '.lab/lab.json', remedy: './lab down --id 0a0a0a0a, or restore the file from a copy' },
  ])
  expect(findings({ libvirt }, { id: '0a0a0a0a' })).toEqual([])
})
