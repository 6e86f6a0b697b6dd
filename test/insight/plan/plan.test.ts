import { describe, expect, test } from 'vitest'
import { listenersOf } from '../../../scripts/declaration/endpoints.ts'
import { describeLeftOut } from '../../../scripts/host/identity.ts'
import { readImageState } from '../../../scripts/host/image-state.ts'
import { neededDiskMiB } from '../../../scripts/host/preflight-disk.ts'
import { planDownloads } from '../../../scripts/insight/plan/downloads.ts'
import { chooseBasis, estimate } from '../../../scripts/insight/plan/estimate.ts'
import { planLab } from '../../../scripts/insight/plan/lab-plan.ts'
import { drawPlan } from '../../../scripts/insight/plan/svg.ts'
import { showPlan } from '../../../scripts/insight/plan/text.ts'
import { fixtureLab, fixtureSecrets, fixtureStockImage } from '../../fixtures/lab.ts'
import { fitMachine } from '../../host/facts.ts'

const plan = planLab(fixtureLab('kvm'), fixtureSecrets, true)
const there = { tree: true, disk: true, test: true }
const missingNothing = { packages: [], terraform: fitMachine.terraform, image: there, isolated: false }

describe('a lab of a stock image', () => {
  const stock = fixtureLab('kvm', { stockImage: fixtureStockImage })

  test('is planned as one, and lists the downloads, without a disk of our own image', () => {
    expect(planLab(stock, fixtureSecrets, true).stockImage).toBe(fixtureStockImage.source)
    expect(planLab(fixtureLab('kvm'), fixtureSecrets, true).stockImage).toBeNull()
    const image = readImageState(stock, '/nowhere')
    expect(image).toEqual({ tree: false, disk: true, test: false, stock: fixtureStockImage.source })
    const what = planDownloads({ ...missingNothing, image }).map((one) => one.what)
    expect(what).toEqual(['stock image', 'node image', 'image of the test instance'])
  })
})

describe('the plan as data', () => {
  test('nodes carry their sizes, addresses and MACs; before the first up there are no MACs', () => {
    expect(plan.nodes[0]).toMatchObject({ name: 'controller', memoryMiB: 6144 })
    expect(plan.nodes[0]!.interfaces[0]).toMatchObject({ name: 'eth0', address: '10.0.0.11' })
    expect(plan.nodes[0]!.interfaces[0]!.mac).toMatch(/^52:54:00:/)
    const before = planLab(fixtureLab('kvm'), fixtureSecrets, false)
    expect(before.nodes.flatMap(({ interfaces }) => interfaces.map(({ mac }) => mac))).toEqual([null, null, null, null])
    expect([before.id, before.networks[0]!.bridge]).toEqual([null, null])
  })

  test('networks: what instances get, the tag, this machine', () => {
    expect(plan.networks.map(({ kind, vlan }) => [kind, vlan])).toEqual([
      ['management', null],
      ['provider', null],
      ['vlan', 101],
    ])
    expect(planLab(fixtureLab('lxc'), fixtureSecrets, true).networks).toHaveLength(2)
  })

  test('services: on which node, with which ports, databases, users and endpoints', () => {
    const nova = plan.services.find(({ name }) => name === 'nova')!
    expect(nova.nodes.map(({ node, ports }) => [node, ports])).toEqual([
      ['controller', [8774, 8775, 6080]],
      ['compute1', []],
    ])
    expect(nova.databases).toEqual(['nova_api', 'nova', 'nova_cell0'])
    expect(nova.users).toEqual(['nova'])
    const types = plan.services.flatMap(({ endpoints }) => endpoints.map(({ type }) => type))
    expect(types).toEqual(['identity', 'image', 'placement', 'compute', 'network', 'volumev3'])
  })

  test('every port of a registered endpoint belongs to its service', () => {
    for (const { endpoints, nodes } of plan.services) {
      for (const { url } of endpoints) expect(nodes[0]!.ports).toContain(Number(/:(\d+)/.exec(url.slice(7))?.[1]))
    }
  })

  test('no listener has two owners', () => {
    const all = Object.values(listenersOf).flat()
    expect(new Set(all).size).toBe(all.length)
  })

  test('no secret is in it', () => {
    expect(JSON.stringify(plan)).not.toContain('SECRET')
  })
})

describe('downloads', () => {
  test('none if everything exists', () => {
    expect(planDownloads(missingNothing)).toEqual([])
  })

  test('everything on a bare machine, in its order', () => {
    const bare = planDownloads({
      packages: [{ name: 'libvirt-daemon', why: '' }],
      terraform: { tooOld: [], registry: false, mirror: false },
      image: { tree: false, disk: false, test: false },
      isolated: true,
    })
    expect(bare.map(({ what }) => what)).toEqual([
      'host packages',
      'OpenTofu',
      'Terraform providers',
      'node image',
      'disk of the node image',
      'image of the test instance',
    ])
    expect(bare[2]!.detail).toContain('built from source')
  })

  test('a lab with its own namespace needs the providers in the cache, though the registry answers', () => {
    const what = (isolated: boolean) => planDownloads({ ...missingNothing, isolated }).map((one) => one.what)
    expect([what(true), what(false)]).toEqual([['Terraform providers'], []])
  })
})

test.each(['lxc', 'kvm'] as const)('the text fits 80 columns (%s)', (hypervisor) => {
  const shown = showPlan({
    plan: planLab(fixtureLab(hypervisor), fixtureSecrets, false),
    because: { hypervisor: 'declared', isolation: 'declared' },
    leftOut: describeLeftOut({ vlan: false, lvm: false }),
    volumeBackend: 'lvm',
    needs: { memoryMiB: 9984, diskMiB: 6720 },
    machine: { cpus: 8, memoryMiB: 32_000, availableMiB: 30_000, freeDiskMiB: 200_000 },
    downloads: [],
    estimate: estimate(plan.services, [], chooseBasis(fixtureLab(hypervisor), undefined, undefined)),
  })
  expect(shown.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(shown).toContain('critical path')
  expect(shown).toContain('left out\n  no VLAN network')
  expect(shown).toContain('volumes: backend lvm')
  expect(shown).toContain('up to 6.6 GiB')
})

test('disk for containers is what they write, not the disks that virtual machines would have', () => {
  const needed = (hypervisor: 'lxc' | 'kvm', image: boolean) =>
    neededDiskMiB({ declaration: fixtureLab(hypervisor), living: false, image }) / 1024
  expect(needed('lxc', true)).toBeCloseTo(6.6, 1)
  expect(needed('lxc', false)).toBeCloseTo(16.6, 1)
  const disks = fixtureLab('kvm').nodes.reduce((sum, node) => sum + node.diskGiB + node.volumeDiskGiB, 0)
  expect(needed('kvm', true)).toBeCloseTo(disks + 0.6, 1)
})

test.each(['lxc', 'kvm'] as const)('the picture shows nodes, ports and networks (%s)', async (hypervisor) => {
  const svg = drawPlan(planLab(fixtureLab(hypervisor), fixtureSecrets, true))
  for (const word of ['controller', 'compute1', ':8774 :8775 :6080', '10.0.0.31', '203.0.113.0/24']) {
    expect(svg).toContain(`>${word}`.replace('>10.0.0.31', 'eth0 10.0.0.31'))
  }
  await expect(svg).toMatchFileSnapshot(hypervisor === 'kvm' ? '../../../docs/reference/lab.svg' : 'pictures/lxc.svg')
})
