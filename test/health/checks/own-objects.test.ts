import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CloudClient } from '../../../scripts/cloud/client.ts'
import { ownObjectsCheck } from '../../../scripts/health/checks/own-objects.ts'
import { findTroubles } from '../../../scripts/health/status/troubles.ts'
import { stateFile } from '../../../scripts/terraform/state.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const resource = (type: string, name: string, id: string) => ({
  ...{ mode: 'managed', type, name },
  instances: [{ attributes: { id } }],
})

function labWith(resources: unknown[]) {
  const folder = temporaryFolder()
  const fixture = fixtureLab('lxc')
  const lab = { ...fixture, paths: { ...fixture.paths, terraform: folder } }
  const file = stateFile(lab, 'cloud')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ resources }))
  return lab
}

describe("the lab's own objects in the cloud", () => {
  const makeLab = () =>
    labWith([
      resource('openstack_networking_secgroup_rule_v2', 'allow_ssh', 'r1'),
      resource('openstack_networking_secgroup_rule_v2', 'allow_icmp', 'r2'),
      resource('openstack_compute_instance_v2', 'test', 's1'),
      resource('openstack_compute_keypair_v2', 'key', 'k1'),
    ])
  const answering = (answers: Record<string, unknown>) => {
    const asked: string[] = []
    const get = (type: string, path: string) => {
      asked.push(`${type} ${path}`)
      const answer = answers[path]
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
    return { asked, cloud: async () => ({ get }) as unknown as CloudClient }
  }

  test('a rule that somebody deleted is a problem of the lab; what is there has no line', async () => {
    const lab = makeLab()
    const { asked, cloud } = answering({ '/v2.0/security-group-rules/r2': {}, '/servers/s1': {} })
    const seen = await ownObjectsCheck.observe({ lab, cloud, timeoutFactor: 0 })
    expect(asked).toEqual([
      'network /v2.0/security-group-rules/r1',
      'network /v2.0/security-group-rules/r2',
      'compute /servers/s1',
    ])
    expect(seen).toEqual([
      {
        id: 'own-objects/openstack_networking_secgroup_rule_v2.allow_ssh',
        what: "the lab's own security group rule allow_ssh",
        ok: false,
        seen: 'missing: somebody deleted it',
        next: './lab up',
      },
    ])
    const empty = { endpoints: [], agents: [], instances: [], volumes: [] }
    expect(findTroubles([], { ...empty, missing: seen })).toMatchObject([{ ofUser: false, next: './lab up' }])
  })

  test('a service that does not answer makes nothing missing', async () => {
    const lab = makeLab()
    const silent = new Error('503')
    const { cloud } = answering({
      ...{ '/v2.0/security-group-rules/r1': silent, '/v2.0/security-group-rules/r2': silent, '/servers/s1': silent },
    })
    expect(await ownObjectsCheck.observe({ lab, cloud, timeoutFactor: 0 })).toEqual([])
  })
})
