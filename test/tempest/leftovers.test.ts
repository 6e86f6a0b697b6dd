import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CloudClient } from '../../scripts/cloud/client.ts'
import { recordBefore, removeLeftovers, wasInterrupted } from '../../scripts/tempest/leftovers.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

type Things = Record<string, Record<string, unknown>[]>

/** A cloud of lists by the last word of their path; what is deleted leaves its list. */
function cloudOf(things: Things) {
  const deleted: string[] = []
  const keyOf = (path: string) => path.replace(/\?.*$/, '').replace('/detail', '').split('/').at(-1)!
  const known = (path: string) =>
    Object.values(things)
      .flat()
      .some(({ id }) => id === keyOf(path))
  const remove = (path: string) => {
    deleted.push(path)
    for (const list of Object.values(things)) {
      const at = list.findIndex(({ id }) => id === keyOf(path))
      if (at >= 0) list.splice(at, 1)
    }
  }
  const client = {
    get: async (_: string, path: string) => {
      const key = keyOf(path).replaceAll('-', '_')
      if (/\/(ports|networks|projects|domains|servers)\/\w/.test(path) && !path.includes('detail')) {
        return known(path) ? {} : undefined
      }
      return { [key]: [...(things[key] ?? [])], ports: things['ports'] ?? [] }
    },
    delete: async (_: string, path: string) => remove(path),
    put: async (_: string, path: string) => void deleted.push(`PUT ${path}`),
    patch: async (_: string, path: string) => void deleted.push(`PATCH ${path}`),
  }
  return { client: client as unknown as CloudClient, deleted }
}

const labIn = () => {
  const lab = fixtureLab('lxc', { timeScale: 0.01 })
  const state = temporaryFolder()
  return { ...lab, paths: { ...lab.paths, state }, services: { ...lab.services, cinder: false } }
}

const own = { id: 'p1', name: 'tempest-FlavorsV2Test-123' }

describe('what Tempest has left', () => {
  test('is removed with its projects, each thing before what it rests on; the rest is left alone', async () => {
    const lab = labIn()
    const { client, deleted } = cloudOf({})
    await recordBefore(client, lab)
    const after = cloudOf({
      projects: [own, { id: 'p2', name: 'mine' }, { id: 'p3', name: 'tempest-of-mine' }],
      domains: [{ id: 'd1', name: 'tempest-domain-7' }],
      servers: [
        { id: 's1', name: 'whatever', tenant_id: 'p1' },
        { id: 's2', name: 'web1', tenant_id: 'p2' },
      ],
      networks: [
        { id: 'n1', name: 'tempest-net-99', project_id: 'gone' },
        { id: 'n2', name: 'tempest', project_id: 'p2' },
      ],
    })
    expect(await removeLeftovers(after.client, lab)).toEqual([
      'servers whatever',
      'networks tempest-net-99',
      `projects ${own.name}`,
      'domains tempest-domain-7',
    ])
    expect(after.deleted).toEqual([
      '/servers/s1',
      '/v2.0/networks/n1',
      '/projects/p1',
      'PATCH /domains/d1',
      '/domains/d1',
    ])
    expect(deleted).toEqual([])
    expect(wasInterrupted(lab)).toBe(false)
  })

  test('is not what looked the same before the run, nor anything in such a project', async () => {
    const lab = labIn()
    const things: Things = { projects: [{ ...own }], networks: [{ id: 'n1', name: 'tempest-old-1', project_id: 'x' }] }
    await recordBefore(cloudOf(things).client, lab)
    things['servers'] = [{ id: 's9', name: 'made-meanwhile', tenant_id: own.id }]
    const { client, deleted } = cloudOf(things)
    expect(await removeLeftovers(client, lab)).toEqual([])
    expect(deleted).toEqual([])
  })

  test('is nothing where no run of this checkout has begun', async () => {
    const lab = labIn()
    const { client, deleted } = cloudOf({ projects: [own] })
    expect(await removeLeftovers(client, lab)).toEqual([])
    expect([deleted, existsSync(`${lab.paths.state}/tempest`)]).toEqual([[], false])
  })
})
