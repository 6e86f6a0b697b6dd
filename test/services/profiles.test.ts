/** A service's profile, which is known before there is a lab, agrees with the service's own data. */

import { describe, expect, test } from 'vitest'
import { whereToLook } from '../../scripts/cloud/where-to-look.ts'
import { controllerOf } from '../../scripts/declaration/lab.ts'
import { profileOf, serviceNames } from '../../scripts/declaration/service-profiles.ts'
import { entriesOf } from '../../scripts/engine/catalog.ts'
import { lookAtDaemon } from '../../scripts/health/checks/daemons.ts'
import { serviceOf } from '../../scripts/services/index.ts'
import { everyService, fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const lab = fixtureLab('kvm', { services: everyService, volumeBackup: true, networking: 'self-service' })

describe.each(serviceNames)('%s', (name) => {
  const profile = profileOf(name)
  const { identity, parts, ready } = serviceOf(lab, fixtureSecrets, name)
  const units = parts.flatMap((part) => part.units)
  const isLogged = (hint: string) => {
    const file = / tail -n 50 (\S+)$/.exec(hint)?.[1]
    const folder = file?.replace(/[^/]*$/, '*.log')
    return file === undefined || profile.logs?.includes(folder!)
  }

  test('its entries in the catalog are in the profile', () => {
    const types = identity && entriesOf(identity).map(({ type }) => type)
    // Keystone registers itself at its bootstrap.
    if (name !== 'keystone') expect(profile.catalog?.map(({ type }) => type)).toEqual(types)
  })

  test('where one waits for it, something of the profile listens', () => {
    const ports: readonly number[] = Object.values(profile.ports ?? {})
    const urls = ready.flatMap((check) => ('url' in check ? [new URL(check.url)] : []))
    const own = urls.filter(({ hostname }) => hostname === controllerOf(lab).address)
    expect(own.map(({ port }) => Number(port) || 80).filter((port) => !ports.includes(port))).toEqual([])
    if (own.length > 0) expect(profile.apis, 'apis: the doctor asks them').toBeDefined()
  })

  test('its APIs and daemons are units of its own, with logs in the files that the profile names', () => {
    const { apis = [], daemons } = profile
    const named = [...apis.map(({ unit }) => unit), ...Object.values(daemons?.units ?? {})]
    expect(named.filter((unit) => !units.includes(unit))).toEqual([])
    for (const { listener } of apis) expect(Object.keys(profile.ports ?? {})).toContain(listener)
    expect(isLogged(whereToLook(name)), whereToLook(name)).toBe(true)
    for (const unit of Object.values(daemons?.units ?? {}))
      expect(isLogged(lookAtDaemon('controller', unit))).toBe(true)
    if (daemons) expect(profile.catalog?.map(({ type }) => type)).toContain(daemons.type)
  })

  test('what an API has besides: a version that a person asks for, the size of a worker', () => {
    if (profile.apis) expect(profile.versions).toBeDefined()
    if (profile.apis && Object.keys(profile.iniFiles ?? {}).some((path) => path.endsWith('-uwsgi.ini')))
      expect(profile.workerMiB).toBeGreaterThan(0)
  })

  test('a daemon that may write a log has it among those that ./lab logs reads', () => {
    const texts = parts.flatMap(({ files }) => files.map(({ content }) => JSON.stringify(content)))
    const folders = texts.flatMap((text) => [...text.matchAll(/(\/var\/log\/[\w/-]+)\/[\w.-]+\.log/g)])
    const patterns = folders.map(([, folder]) => `${folder}/*.log`)
    expect(patterns.filter((pattern) => !profile.logs?.includes(pattern))).toEqual([])
  })

  test('one that is off by default has a row among the features, since no user finds it otherwise', () => {
    if (profile.optional === 'off') expect(profile.feature).toBeDefined()
  })
})
