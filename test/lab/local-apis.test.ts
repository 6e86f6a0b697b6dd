/** `./lab open --api`: which APIs are offered, on which ports, and the file for clients. */

import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { LabError } from '../../scripts/declaration/errors.ts'
import {
  catalogApis,
  choosePorts,
  describeApis,
  forwardedApis,
  type OfferedApi,
  writeClientFile,
} from '../../scripts/lab/local-apis.ts'
import { isFree } from '../../scripts/run/forward.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { everyService, fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const offered = catalogApis(lab, fixtureSecrets)
const on = (shift: number): OfferedApi[] => offered.map((api) => ({ ...api, port: api.target.port + shift }))

describe('offered', () => {
  test('is what the catalog names, Keystone first: no metadata API, no database, no queue', () => {
    expect(offered.map(({ type, target }) => `${type} ${target.port}`)).toEqual([
      'identity 5000',
      'image 9292',
      'placement 8778',
      'compute 8774',
      'network 9696',
      'volumev3 8776',
    ])
    expect(offered[0]?.inside).toEqual(['10.0.0.11:5000', 'controller:5000'])
  })

  test('are all APIs of a service that has several', () => {
    const all = catalogApis({ ...lab, services: everyService }, fixtureSecrets)
    expect(all.map(({ type, target }) => `${type} ${target.port}`)).toEqual(
      expect.arrayContaining(['orchestration 8004', 'cloudformation 8000']),
    )
  })
})

describe('ports', () => {
  const busy: ReturnType<typeof createServer>[] = []
  const occupy = (port: number) =>
    new Promise<void>((resolve) => {
      busy.push(createServer().listen({ host: '127.0.0.1', port }, resolve))
    })
  afterEach(() => {
    for (const server of busy.splice(0)) server.close()
  })

  // Not the services' own ports, which a program on this machine may have.
  const some = [41_871, 41_872].map((port, index) => ({ ...offered[index]!, target: { host: '10.0.0.11', port } }))
  const chosen = async (taken: number[] = []) => (await choosePorts(some, taken)).map(({ port }) => port)

  test('are those of the services; if one of them is in use, all are others', async () => {
    expect(await chosen()).toEqual([41_871, 41_872])
    expect(await chosen([41_871])).toEqual([51_871, 51_872])
    await occupy(41_872)
    expect(await chosen()).toEqual([51_871, 51_872])
    expect(await isFree(41_871)).toBe(true)
  })

  test('that are all in use are an error that names them', async () => {
    const all = [0, 1, 2, 3, 4, 5].map((times) => 1024 + times * 10_000)
    const first = [{ ...some[0]!, target: { host: '10.0.0.11', port: 1024 } }]
    const error = await choosePorts(first, all).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LabError)
    expect((error as LabError).findings[0]?.where).toBe('ports 1024 on 127.0.0.1')
  })

  test('have names that a socket file can have, each its own', () => {
    const names = forwardedApis(on(10_000)).map(({ name }) => name)
    expect(new Set(names).size).toBe(offered.length)
    for (const name of names) expect(name).toMatch(/^[a-z\d-]+$/)
  })
})

describe('clients', () => {
  test('get a file that only this user can read, and that is removed at the end', () => {
    const state = join(temporaryFolder(), '.lab')
    mkdirSync(state)
    const { file, remove } = writeClientFile({ ...lab, paths: { ...lab.paths, state } }, fixtureSecrets, on(10_000))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { clouds } = parse(readFileSync(file, 'utf8'))
    expect(Object.keys(clouds)).toEqual(['duostack', 'demo'])
    expect(clouds.demo.auth).toMatchObject({ auth_url: 'http://127.0.0.1:15000/v3', username: 'demo' })
    remove()
    expect(() => statSync(file)).toThrow('ENOENT')
  })

  test('are told addresses and commands to paste, which quote the path and go past a proxy', () => {
    const file = "/home/it's/.lab/api-clouds.yaml"
    expect(describeApis(lab, on(0), { file, environment: {} }).join('\n')).toMatchInlineSnapshot(`
      "APIs        http://127.0.0.1:5000/v3 (identity); its catalog leads to the others: image 9292, placement 8778, compute 8774, network 9696, volumev3 8776
        try       OS_CLIENT_CONFIG_FILE='/home/it'\\''s/.lab/api-clouds.yaml' openstack --os-cloud duostack server list
           or     OS_CLIENT_CONFIG_FILE='/home/it'\\''s/.lab/api-clouds.yaml' openstack --os-cloud demo server list"
    `)
    const behindProxy = describeApis(lab, on(0), { file, environment: { http_proxy: 'http://proxy:3128' } })
    expect(behindProxy[1]).toContain('no_proxy=127.0.0.1 OS_CLIENT_CONFIG_FILE=')
  })
})
