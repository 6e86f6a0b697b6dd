import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { checkNetworking } from '../../scripts/host/networking.ts'
import { stateFile } from '../../scripts/terraform/state.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

function labWith(networking: Lab['networking'], ...types: string[]): Lab {
  const plain = fixtureLab('lxc', { networking })
  const lab = { ...plain, paths: { ...plain.paths, terraform: temporaryFolder() } }
  const resources = types.map((type) => ({
    mode: 'managed',
    type,
    name: 'one',
    instances: [{ attributes: { id: '1' } }],
  }))
  mkdirSync(dirname(stateFile(lab, 'cloud')), { recursive: true })
  writeFileSync(stateFile(lab, 'cloud'), JSON.stringify({ resources }))
  return lab
}

test('a lab with routers cannot go back to provider networks alone', () => {
  const [finding] = checkNetworking(labWith('provider', 'openstack_networking_router_v2'), 'all.yml:3:1')
  expect(finding).toMatchObject({ where: 'all.yml:3:1', given: expect.stringContaining('lab_networking: provider') })
  expect(finding?.remedy).toContain('./lab up --rebuild')
})

test('a lab without routers, and one that keeps its own, may go on', () => {
  expect(checkNetworking(labWith('provider', 'openstack_networking_network_v2'), '')).toEqual([])
  expect(checkNetworking(labWith('self-service', 'openstack_networking_router_v2'), '')).toEqual([])
})
