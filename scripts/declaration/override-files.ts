/** The files that lab_config_overrides may change, and which options the release's packages know in them. */

import { readFileSync } from 'node:fs'
import { profileOf, type ServiceName, serviceNames } from './service-profiles.ts'

/** File name -> section -> keys; both files are made by test/services/generate-options.py from the packages themselves. */
type Options = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

const files = serviceNames.flatMap((service) =>
  Object.entries(profileOf(service).iniFiles ?? {}).map(([path, list]) => ({ service, path, list })),
)
const byPath = files.toSorted((one, other) => (one.path < other.path ? -1 : 1))

/** Every INI file that a service writes, with its list in known-options.json, or null. A test holds it against the services. */
export const overridableFiles: Readonly<Record<string, string | null>> = Object.fromEntries(
  byPath.map(({ path, list }) => [path, list]),
)

export const serviceOfFile = (path: string): ServiceName | undefined => files.find((one) => one.path === path)?.service

/** What reads a file: OpenStack's own library, which gives it its sections and its logs, or another program. */
export type Dialect = 'oslo' | 'uwsgi' | 'mariadb' | 'systemd'

export function dialectOf(path: string): Dialect {
  const list = overridableFiles[path]
  if (!list) return path.startsWith('/etc/systemd/') ? 'systemd' : 'oslo'
  return list === 'uwsgi.ini' ? 'uwsgi' : list === 'mariadb.cnf' ? 'mariadb' : 'oslo'
}

const readOptions = (file: string): Options => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))

/** Of a path: section -> its keys. `others`: earlier names, and sign-in plug-ins that the lab does not use. */
export function readKnown(path: string): { known: Map<string, Set<string>>; others: Map<string, Set<string>> } {
  const service = serviceOfFile(path)
  const dialect = dialectOf(path)
  const alike = files.filter((one) => one.service === service && dialectOf(one.path) === dialect)
  const lists = [...new Set(alike.map(({ list }) => list ?? ''))]
  const merge = (options: Options) => {
    const sections = new Map<string, Set<string>>()
    for (const [section, keys] of lists.flatMap((name) => Object.entries(options[name] ?? {}))) {
      sections.set(section, new Set([...(sections.get(section) ?? []), ...keys]))
    }
    return sections
  }
  return { known: merge(readOptions('known-options.json')), others: merge(readOptions('other-options.json')) }
}
