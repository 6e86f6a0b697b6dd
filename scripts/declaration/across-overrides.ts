/**
 * Checks the files, sections and keys of lab_config_overrides. For values that are not allowed see override-values.ts.
 */

import type { Checked } from './check.ts'
import type { Finding } from './errors.ts'
import { almost, nearestTo } from './nearest.ts'
import { dialectOf, overridableFiles, readKnown, serviceOfFile } from './override-files.ts'
import { checkOverrideValues } from './override-values.ts'
import { profileOf } from './service-profiles.ts'

const key = 'lab_config_overrides'
const paths = Object.keys(overridableFiles)

/** What certainly is a mistake. */
export function checkOverrides(all: Checked<unknown>): Finding[] {
  const declared = all.keys(key) ?? []
  return [
    ...declared.flatMap((path) => checkPath(all, path)),
    ...spelling(all).flatMap(({ wrong, ...finding }) => (wrong ? [finding] : [])),
    ...checkOverrideValues(all),
  ]
}

/** A setting that possibly nobody reads: a plug-in could, which the release's packages do not show. */
export function adviseOverrides(all: Checked<unknown>): Finding[] {
  return spelling(all).flatMap(({ wrong, ...finding }) => (wrong ? [] : [finding]))
}

function checkPath(all: Checked<unknown>, path: string): Finding[] {
  const finding = (given: string, allowed: string, remedy?: string) => [
    { where: all.source.place([key, path], 'key'), given: `${key}: ${given}`, allowed, ...(remedy ? { remedy } : {}) },
  ]
  // Without a leading slash it is already rejected by the schema.
  if (!path.startsWith('/') || /\/\.{1,2}(\/|$)/.test(path)) return []
  if (!paths.includes(path)) {
    const near = nearestTo(path, paths)
    return finding(`${path}, which no service writes as an INI file`, paths.join(', '), near && `did you mean ${near}?`)
  }
  const service = serviceOfFile(path)
  const { optional } = service ? profileOf(service) : {}
  if (!service || !optional) return []
  const declared = all.field<boolean>('lab_services', service)?.value
  if (declared ?? optional === 'on') return []
  return finding(
    `${path}, and lab_services.${service} is ${declared === undefined ? 'off by default' : 'false'}`,
    'a file of a service that is switched on',
    `remove it, or write ${service}: true`,
  )
}

interface Spelled extends Finding {
  /** A key that no plug-in can have. */
  wrong: boolean
}

function spelling(all: Checked<unknown>): Spelled[] {
  const declared = (all.keys(key) ?? []).filter((path) => overridableFiles[path])
  return declared.flatMap((path) => {
    const { known, others } = readKnown(path)
    if (dialectOf(path) === 'mariadb') for (const name of serverSections) known.set(name, known.get('mysqld')!)
    if (dialectOf(path) === 'oslo') addBackends(all, path, known)
    const file = { all, path, known, others }
    return (all.keys(key, path) ?? []).flatMap((section) =>
      known.has(section) || others.has(section) ? checkKeys(file, section) : [judgeSection(file, section)],
    )
  })
}

/** mariadbd reads these as it reads [mysqld]. */
const serverSections = ['server', 'mariadb', 'mariadbd']

/** A section of a Cinder backend or a Glance store has the name that enabled_backends gives it, beside the lab's own. */
function addBackends(all: Checked<unknown>, path: string, known: Map<string, Set<string>>): void {
  const named = all.field<unknown>(key, path, 'DEFAULT', 'enabled_backends')?.value
  const names = String(named ?? '')
    .split(',')
    .map((name) => name.replace(/:.*/, '').trim())
  const own = path === '/etc/cinder/cinder.conf' ? ['lvm', 'shared'] : []
  const stores = [...known].filter(([name]) => /^(glance_store|file|cinder|glance\.store\..*)$/.test(name))
  const keys = known.get('backend_defaults') ?? new Set(stores.flatMap(([, ofStore]) => [...ofStore]))
  for (const name of [...names, ...own].filter(Boolean)) known.set(name, new Set([...(known.get(name) ?? []), ...keys]))
}

interface KnownFile {
  all: Checked<unknown>
  path: string
  known: ReadonlyMap<string, ReadonlySet<string>>
  others: ReadonlyMap<string, ReadonlySet<string>>
}

const listed = 'one that the packages of this release know'
const elsewhere = 'it has an effect only where a plug-in of yours reads it'

function judgeSection({ all, path, known }: KnownFile, section: string): Spelled {
  const near = almost(section, [...known.keys()])
  return {
    wrong: near !== undefined,
    where: all.source.place([key, path, section], 'key'),
    given: `${path}: the section [${section}]`,
    allowed: listed,
    remedy: near ? `did you mean ${near}?` : elsewhere,
  }
}

function checkKeys(file: KnownFile, section: string): Spelled[] {
  const { all, path, known, others } = file
  const here = new Set([...(known.get(section) ?? []), ...(others.get(section) ?? [])])
  // MariaDB takes a dash and an underscore for the same.
  const forms = (name: string) =>
    dialectOf(path) === 'mariadb' ? [name, name.replaceAll('_', '-'), name.replaceAll('-', '_')] : [name]
  return (all.keys(key, path, section) ?? [])
    .filter((name) => !forms(name).some((form) => here.has(form)))
    .map((name) => {
      const near = almost(name, [...here])
      const homes = [...known].filter(([, keys]) => keys.has(name)).map(([other]) => `[${other}]`)
      const meant = near ?? (homes.length > 0 ? `${name} in ${homes.slice(0, 3).join(' or ')}` : undefined)
      return {
        wrong: meant !== undefined,
        where: all.source.place([key, path, section, name], 'key'),
        given: `${path}: [${section}] ${name}`,
        allowed: listed,
        remedy: meant ? `did you mean ${meant}?` : elsewhere,
      }
    })
}
