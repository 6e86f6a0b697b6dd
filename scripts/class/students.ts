/** The students of a class, as Keystone has them: a project and a user of the same name, both with the class's mark. */

import type { CloudClient } from '../cloud/client.ts'
import { type Finding, LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'

export interface Student {
  /** Name of user and project: `s01`. */
  login: string
  /** The person's, if the class was made of a list. */
  name?: string
}

export const loginPattern = /^s(0[1-9]|[1-9]\d)$/

/** Of the first, second, … student. */
export const loginOf = (number: number): string => `s${String(number).padStart(2, '0')}`
export const numberOf = (login: string): number => Number(login.slice(1))

/** Not the mark of the lab's own objects: those that Terraform does not know are removed. Only an admin can write it. */
const markOfClass = (lab: Pick<Lab, 'id'>) => `Class of lab ${lab.id}`

export const descriptionOf = (lab: Pick<Lab, 'id'>, { name }: Student): string =>
  name ? `${markOfClass(lab)}: ${name}` : markOfClass(lab)

/** What there is of a student; a killed run leaves a part. */
export interface Enrolled extends Student {
  project?: string
  user?: string
  enabled: boolean
}

interface Listed {
  id: string
  name: string
  domain_id: string
  description?: string | null
  enabled: boolean
}

async function readListed(cloud: CloudClient): Promise<{ projects: Listed[]; users: Listed[] }> {
  const [{ projects }, { users }] = await Promise.all([
    cloud.get<{ projects: Listed[] }>('identity', '/projects?domain_id=default'),
    cloud.get<{ users: Listed[] }>('identity', '/users?domain_id=default'),
  ])
  return { projects, users }
}

function isMarked(lab: Pick<Lab, 'id'>, { name, description }: Listed): boolean {
  const mark = markOfClass(lab)
  return loginPattern.test(name) && (description === mark || description?.startsWith(`${mark}: `) === true)
}

/** In the order of their logins. */
export async function readClass(cloud: CloudClient, lab: Pick<Lab, 'id'>): Promise<Enrolled[]> {
  const { projects, users } = await readListed(cloud)
  const [ownProjects, ownUsers] = [projects, users].map((all) => all.filter((one) => isMarked(lab, one)))
  const logins = [...new Set([...ownProjects!, ...ownUsers!].map(({ name }) => name))].sort()
  return logins.map((login) => {
    const project = ownProjects!.find((one) => one.name === login)
    const user = ownUsers!.find((one) => one.name === login)
    const name = (project ?? user)!.description!.slice(markOfClass(lab).length + 2)
    return {
      login,
      ...(name ? { name } : {}),
      ...(project ? { project: project.id } : {}),
      ...(user ? { user: user.id } : {}),
      enabled: user?.enabled ?? false,
    }
  })
}

/** Throws LabError if somebody else has a name that the class needs; nothing has been changed. */
export async function expectFreeNames(
  cloud: CloudClient,
  lab: Pick<Lab, 'id'>,
  logins: readonly string[],
): Promise<void> {
  const { projects, users } = await readListed(cloud)
  const findings = [['project', projects] as const, ['user', users] as const].flatMap(([kind, all]): Finding[] =>
    all
      .filter((one) => logins.includes(one.name) && !isMarked(lab, one))
      .map(({ name, id }) => ({
        where: './lab class create',
        given: `a ${kind} ${name} (${id}) that does not belong to the class`,
        allowed: `a free name ${name}`,
        remedy: `./lab openstack ${kind} set --name NEW ${id}`,
      })),
  )
  if (findings.length > 0) throw new LabError(findings)
}

/** The one that is meant. Throws LabError if the class has no such student. */
export function expectStudent(all: readonly Enrolled[], login: string): Enrolled {
  const found = all.find((one) => one.login === login)
  if (found) return found
  const allowed = all.length > 0 ? all.map((one) => one.login).join(', ') : 'a class: ./lab class create --students 20'
  throw new LabError([{ where: './lab class', given: `no student ${login}`, allowed }])
}
