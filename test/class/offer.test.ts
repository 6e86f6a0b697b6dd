/** What is read as free: what others use is not, what the class uses is. */

import { describe, expect, test } from 'vitest'
import { readOffer, readSmallestFlavor } from '../../scripts/class/offer.ts'
import type { CloudClient } from '../../scripts/cloud/client.ts'
import { fixtureLab } from '../fixtures/lab.ts'

function cloudWith(answers: Record<string, unknown>): CloudClient {
  const get = async (type: string, path: string) => {
    const key = `${type} ${path}`
    if (!(key in answers)) throw new Error(`unexpected ${key}`)
    return answers[key] as never
  }
  return { get } as unknown as CloudClient
}

const inventory = (total: number, reserved: number, allocation_ratio: number) => ({ total, reserved, allocation_ratio })
const volume = (project: string, size: number) => ({ size, 'os-vol-tenant-attr:tenant_id': project })
const port = (project_id: string, subnet_id: string, device_id = '') => ({
  ...{ project_id, device_id },
  fixed_ips: [{ subnet_id }],
})

const answers = {
  'placement /resource_providers?required=!COMPUTE_STATUS_DISABLED': { resource_providers: [{ uuid: 'c1' }] },
  'placement /resource_providers/c1/inventories': {
    inventories: {
      VCPU: inventory(2, 0, 16),
      MEMORY_MB: inventory(3072, 512, 1.5),
      DISK_GB: inventory(20, 0, 1),
    },
  },
  'placement /resource_providers/c1/usages': { usages: { VCPU: 3, MEMORY_MB: 640, DISK_GB: 3 } },
  'placement /usages?project_id=own': { usages: { VCPU: 1, MEMORY_MB: 128, DISK_GB: 1 } },
  'network /v2.0/networks?shared=true': { networks: [{ id: 'provider' }] },
  'network /v2.0/subnets?ip_version=4': {
    subnets: [
      { id: 'a', network_id: 'provider', allocation_pools: [{ start: '203.0.113.101', end: '203.0.113.110' }] },
      { id: 'b', network_id: 'other', allocation_pools: [{ start: '10.0.0.1', end: '10.0.0.2' }] },
    ],
  },
  'network /v2.0/routers': { routers: [{ id: 'r-own', project_id: 'own' }] },
  'network /v2.0/floatingips': { floatingips: [{ id: 'f-demo', project_id: 'demo' }] },
  'network /v2.0/ports': {
    ports: [port('admin', 'a'), port('', 'a', 'f-demo'), port('', 'a', 'r-own'), port('own', 'a'), port('demo', 'b')],
  },
  'volumev3 /scheduler-stats/get_pools?detail=true': {
    pools: [{ capabilities: { total_capacity_gb: 10, free_capacity_gb: 9.5 } }],
  },
  'volumev3 /volumes/detail?all_tenants=1': { volumes: [volume('admin', 1), volume('own', 5)] },
}

describe('the offer', () => {
  test('is what there is without what others use now', async () => {
    const lab = fixtureLab('lxc', { networking: 'self-service' })
    expect(await readOffer(cloudWith(answers), lab, ['own'])).toEqual({
      ...{ vcpus: 30, memoryMiB: 3840 - 512, diskGiB: 18 },
      ...{ addresses: 8, volumeGiB: 9 },
    })
  })

  test('has no volumes without Cinder, and asks for no routers on a provider lab', async () => {
    const fixture = fixtureLab('lxc')
    const lab = { ...fixture, services: { ...fixture.services, cinder: false } }
    expect(await readOffer(cloudWith(answers), lab, [])).toEqual({
      ...{ vcpus: 29, memoryMiB: 3200, diskGiB: 17 },
      addresses: 6,
    })
  })

  test('the smallest public flavor counts; where there is none, that is said', async () => {
    const path = 'compute /flavors/detail?is_public=True'
    const flavors = [
      { name: 'big', vcpus: 2, ram: 512, disk: 2 },
      { name: 'tiny', vcpus: 1, ram: 128, disk: 1 },
    ]
    const tiny = { name: 'tiny', vcpus: 1, ramMiB: 128, diskGiB: 1 }
    expect(await readSmallestFlavor(cloudWith({ [path]: { flavors } }))).toEqual(tiny)
    await expect(readSmallestFlavor(cloudWith({ [path]: { flavors: [] } }))).rejects.toThrow(
      'a flavor for all projects',
    )
  })
})
