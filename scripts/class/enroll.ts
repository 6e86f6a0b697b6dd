/** Makes what a student needs, as far as it is missing; a run that was killed is continued by the next one. */

import type { CloudClient } from '../cloud/client.ts'
import type { ProjectLimits } from '../cloud/project-limits.ts'
import { setLimits } from '../cloud/project-limits.ts'
import { NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { randomSecret } from '../declaration/secrets.ts'
import { ensureNetwork } from './network.ts'
import { readPassword, writeSheet } from './sheet.ts'
import { descriptionOf, type Enrolled } from './students.ts'

export interface Classroom {
  cloud: CloudClient
  lab: Lab
  /** Id of the role `member`. */
  member: string
  /** Id of the network that leads out; absent where students share it. */
  provider?: string
  limits: ProjectLimits
}

/** Letters and digits: 119 bits, and short enough to be typed. */
const passwordLength = 20

export async function readMemberRole(cloud: CloudClient): Promise<string> {
  const { roles } = await cloud.get<{ roles: { id: string }[] }>('identity', '/roles?name=member')
  if (roles[0]) return roles[0].id
  throw new NotReadyError('role member', 0, 'there is none', './lab up')
}

async function ensureProject({ cloud, lab }: Classroom, student: Enrolled): Promise<string> {
  const description = descriptionOf(lab, student)
  if (student.project) {
    const body = { project: { description, enabled: true } }
    await cloud.patch('identity', `/projects/${student.project}`, { body })
    return student.project
  }
  const body = { project: { name: student.login, domain_id: 'default', description } }
  return (await cloud.post<{ project: { id: string } }>('identity', '/projects', { body })).project.id
}

/** A password is set where there is no user or no sheet; what a student has changed it to stays. */
async function ensureUser({ cloud, lab }: Classroom, student: Enrolled, project: string) {
  const known = readPassword(lab, student)
  const password = known ?? randomSecret(passwordLength)
  const common = { description: descriptionOf(lab, student), default_project_id: project, enabled: true }
  if (student.user) {
    const user = { ...common, ...(known ? {} : { password }) }
    await cloud.patch('identity', `/users/${student.user}`, { body: { user } })
    return { user: student.user, password }
  }
  const user = { ...common, name: student.login, domain_id: 'default', password }
  const made = await cloud.post<{ user: { id: string } }>('identity', '/users', { body: { user } })
  return { user: made.user.id, password }
}

/**
 * The sheet comes last: whoever has one is complete, and the network is the student's own affair from then on. Quotas come
 * before anybody can sign in.
 */
export async function enroll(room: Classroom, student: Enrolled): Promise<void> {
  const { cloud, lab, member, provider, limits } = room
  const isComplete = student.project && student.user && readPassword(lab, student)
  const project = await ensureProject(room, student)
  await setLimits(cloud, project, limits)
  if (provider && !isComplete) await ensureNetwork(cloud, lab, student, { project, provider })
  const { user, password } = await ensureUser(room, student, project)
  await cloud.put('identity', `/projects/${project}/users/${user}/roles/${member}`)
  writeSheet(lab, { student, password, limits })
}
