/**
 * What Tempest has made in the cloud and not removed: by its names, and by the projects that it makes. What looked the
 * same before a run is a user's and stays.
 */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CloudClient } from '../cloud/client.ts'
import type { MarkedObject } from '../cloud/marked-objects.ts'
import type { Listed } from '../cloud/object-kinds.ts'
import { removeObjects } from '../cloud/orphans.ts'
import { replaceFile } from '../declaration/files.ts'
import type { Lab } from '../declaration/lab.ts'
import { kindsOf } from './tempest-kinds.ts'

/** Tempest's own form of every name: `tempest-<words>-<random number>`, and what it adds for its own projects. */
const ownName = /^tempest-.*-\d+(-[a-z-]+)?$/

const nameOf = ({ name, description, type }: Listed) => name || description || type || ''

/** Of the identity service: what has Tempest's name, by id. */
async function readNamed(cloud: CloudClient, key: 'projects' | 'users'): Promise<string[]> {
  const body = await cloud.get<Record<string, Listed[]>>('identity', `/${key}`)
  return (body[key] ?? []).filter((one) => ownName.test(nameOf(one))).map(({ id }) => id)
}

/** Everything in the cloud that looks like Tempest's, each before what it rests on. */
async function readLookAlikes(cloud: CloudClient, lab: Lab, spared: ReadonlySet<string>): Promise<MarkedObject[]> {
  const isSpared = (type: string, id: string) => spared.has(`${type} ${id}`)
  const [projects, users] = await Promise.all([readNamed(cloud, 'projects'), readNamed(cloud, 'users')])
  const own = new Set(projects.filter((id) => !isSpared('projects', id)))
  const kinds = kindsOf(
    lab,
    users.filter((id) => !isSpared('users', id)),
  )
  const lists = await Promise.all(kinds.map((kind) => kind.list(cloud)))
  return kinds.flatMap((kind, index) =>
    lists[index]!.filter((one) => ownName.test(nameOf(one)) || own.has(one.project_id ?? ''))
      .map(kind.objectOf)
      .filter(({ type, id }) => !isSpared(type, id)),
  )
}

const fileOf = (lab: Lab) => join(lab.paths.state, 'tempest', 'before.json')

/** True if a run has begun and its remains have not been removed yet. */
export const wasInterrupted = (lab: Lab): boolean => existsSync(fileOf(lab))

/** Before a run: what is there already and looks like Tempest's. */
export async function recordBefore(cloud: CloudClient, lab: Lab): Promise<void> {
  const there = await readLookAlikes(cloud, lab, new Set())
  mkdirSync(dirname(fileOf(lab)), { recursive: true, mode: 0o700 })
  replaceFile(fileOf(lab), JSON.stringify(there.map(({ type, id }) => `${type} ${id}`)))
}

/** After one, however it ended; gives what was removed. Without a record of the time before nothing is touched. */
export async function removeLeftovers(cloud: CloudClient, lab: Lab): Promise<string[]> {
  if (!wasInterrupted(lab)) return []
  const spared = new Set(JSON.parse(readFileSync(fileOf(lab), 'utf8')) as string[])
  const found = await readLookAlikes(cloud, lab, spared)
  await removeObjects(cloud, lab, found)
  rmSync(fileOf(lab))
  return found.map(({ type, name }) => `${type} ${name}`)
}
