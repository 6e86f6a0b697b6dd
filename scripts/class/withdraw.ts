/** Removes students with everything that their projects own; what belongs to others stays. */

import type { CloudClient } from '../cloud/client.ts'
import type { MarkedObject } from '../cloud/marked-objects.ts'
import { kindsOfProjects } from '../cloud/object-kinds.ts'
import { removeObjects } from '../cloud/orphans.ts'
import { clearLimits } from '../cloud/project-limits.ts'
import { NotReadyError } from '../declaration/errors.ts'
import { isSelfService, type Lab } from '../declaration/lab.ts'
import { atOnce } from '../run/at-once.ts'
import type { Enrolled } from './students.ts'

/** Requests of so many students go side by side: the controller has one worker of each API. */
export const sideBySide = 4

/** How often is looked again: a token that was given before the user was disabled is valid for minutes. */
const rounds = 5

/** By student, each object before what it rests on. */
async function readOwned(
  cloud: CloudClient,
  lab: Lab,
  students: readonly Enrolled[],
): Promise<Map<Enrolled, MarkedObject[]>> {
  const kinds = kindsOfProjects(
    lab,
    students.flatMap(({ user }) => user ?? []),
  )
  const lists = await Promise.all(kinds.map((kind) => kind.list(cloud)))
  const ownedBy = ({ project, user }: Enrolled) =>
    kinds.flatMap((kind, index) =>
      lists[index]!.filter(
        (one) => (project && one.project_id === project) || (kind.type === 'keypairs' && one.parent === user),
      ).map(kind.objectOf),
    )
  return new Map(students.map((student) => [student, ownedBy(student)]))
}

/** A default security group is made again as long as somebody looks at the project; it goes with the project. */
const isLasting = ({ type, name }: MarkedObject) => !(type === 'security groups' && name === 'default')

async function removeOwned(
  cloud: CloudClient,
  lab: Lab,
  students: readonly Enrolled[],
  note: (text: string) => void,
): Promise<void> {
  for (let round = 0; ; round++) {
    const owned = await readOwned(cloud, lab, students)
    const lasting = [...owned.values()].flat().filter(isLasting)
    if (lasting.length === 0 && round > 0) return
    if (round === rounds) {
      const left = lasting.map(({ type, name }) => `${type} ${name}`).join(', ')
      throw new NotReadyError('everything of the students is removed', 0, `still there: ${left}`, './lab class list')
    }
    let done = 0
    await atOnce(sideBySide, students, async (student) => {
      await removeObjects(cloud, lab, owned.get(student)!)
      note(`${++done} of ${students.length}`)
    })
  }
}

/** Neutron keeps a router's interface as long as a route of the router needs it. */
async function removeRoutes(cloud: CloudClient, lab: Lab, projects: ReadonlySet<string>): Promise<void> {
  if (!isSelfService(lab)) return
  type Routers = { routers: { id: string; project_id: string; routes?: unknown[] }[] }
  const { routers } = await cloud.get<Routers>('network', '/v2.0/routers')
  const bound = routers.filter(({ project_id, routes = [] }) => projects.has(project_id) && routes.length > 0)
  await atOnce(sideBySide, bound, ({ id }) =>
    cloud.put('network', `/v2.0/routers/${id}`, { body: { router: { routes: [] } }, allow: [404] }),
  )
}

/** Users first lose the way in. Nothing of them is left when it ends; after a failure the next run continues. */
export async function withdraw(
  cloud: CloudClient,
  lab: Lab,
  students: readonly Enrolled[],
  note: (text: string) => void,
): Promise<void> {
  await atOnce(sideBySide, students, async ({ user }) => {
    if (user) await cloud.patch('identity', `/users/${user}`, { body: { user: { enabled: false } } })
  })
  await removeRoutes(cloud, lab, new Set(students.flatMap(({ project }) => project ?? [])))
  await removeOwned(cloud, lab, students, note)
  await atOnce(sideBySide, students, async ({ user, project }) => {
    if (user) await cloud.delete('identity', `/users/${user}`, { allow: [404] })
    if (!project) return
    await clearLimits(cloud, lab, project)
    await cloud.delete('identity', `/projects/${project}`, { allow: [404] })
  })
}
