/** A class on one lab: made, listed, put back to the beginning, removed. The caller holds the lab's lock. */

import { type CloudClient, openCloud } from '../cloud/client.ts'
import { type ProjectUse, readUse } from '../cloud/project-limits.ts'
import { LabError } from '../declaration/errors.ts'
import { isSelfService, type Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { readNodes } from '../health/status/status.ts'
import { atOnce } from '../run/at-once.ts'
import type { Progress } from '../run/progress.ts'
import { type Classroom, enroll, readMemberRole } from './enroll.ts'
import { describeMemory } from './memory.ts'
import { readProviderNetwork } from './network.ts'
import { readOffer, readSmallestFlavor } from './offer.ts'
import { shareOut } from './share.ts'
import { describeLimits, hasSheet, removeSheet } from './sheet.ts'
import { type Enrolled, expectFreeNames, expectStudent, loginOf, numberOf, readClass } from './students.ts'
import { sideBySide, withdraw } from './withdraw.ts'

/** A student as `list` shows it. */
export interface ListedStudent extends Enrolled {
  /** There is a sheet, so everything was made. */
  complete: boolean
  use: ProjectUse
}

const signIn = (lab: Lab) => openCloud(lab, loadSecrets(lab.root))

const refuse = (given: string, allowed: string, remedy: string) =>
  new LabError([{ where: './lab class create', given, allowed, remedy }])

/** Those that are there already stay who they are. Throws LabError where the list says otherwise. */
export function planStudents(there: readonly Enrolled[], count: number, names: readonly string[]): Enrolled[] {
  const last = there.at(-1)
  if (last && numberOf(last.login) > count) {
    const remedy = `./lab class remove ${last.login}, or create at least ${numberOf(last.login)} students`
    throw refuse(`${count} students, but the class has ${last.login}`, 'a class that grows', remedy)
  }
  return Array.from({ length: count }, (_, index) => {
    const login = loginOf(index + 1)
    const found = there.find((one) => one.login === login)
    const name = names[index] ?? found?.name
    if (found?.name && name !== found.name) {
      const remedy = 'keep the order of the list, with new students at its end'
      throw refuse(`${login} is ${found.name}, but the list has ${name}`, 'the same student', remedy)
    }
    return { login, enabled: false, ...found, ...(name ? { name } : {}) }
  })
}

/** What the lab has for each, said before anything is changed. */
async function prepareRoom(
  lab: Lab,
  cloud: CloudClient,
  { students, count }: { students: readonly Enrolled[]; count: number },
  say: Progress['line'],
): Promise<Classroom> {
  const projects = students.flatMap(({ project }) => project ?? [])
  const own = isSelfService(lab)
  const [offer, flavor, member, nodes] = await Promise.all([
    readOffer(cloud, lab, projects),
    readSmallestFlavor(cloud),
    readMemberRole(cloud),
    readNodes(lab),
  ])
  const limits = shareOut(offer, flavor, { students: count, own })
  const networks = own ? students.filter((one) => !hasSheet(lab, one)).length : 0
  say(`Nova offers ${offer.memoryMiB} MiB, ${offer.vcpus} virtual CPUs and ${offer.diskGiB} GiB of disk to the class`)
  say(`each of ${count} students: at most ${describeLimits(limits)}`)
  for (const line of describeMemory(lab, nodes, { students: count, networks, limits, flavor })) say(line)
  const room = { cloud, lab, member, limits }
  return own ? { ...room, provider: await readProviderNetwork(cloud, lab) } : room
}

export interface Wanted {
  /** Default: as many as there are names. */
  count: number
  names: readonly string[]
}

/** Makes what is missing; quotas are set anew for all. */
export async function createClass(lab: Lab, { count, names }: Wanted, progress: Progress): Promise<ListedStudent[]> {
  const cloud = await signIn(lab)
  const students = planStudents(await readClass(cloud, lab), count, names)
  const logins = students.map(({ login }) => login)
  await expectFreeNames(cloud, lab, logins)
  const room = await prepareRoom(lab, cloud, { students, count }, progress.line)
  await enrollAll(room, students, progress)
  return listStudents(lab, cloud)
}

async function enrollAll(room: Classroom, students: readonly Enrolled[], progress: Progress): Promise<void> {
  const title = students.length === 1 ? `create ${students[0]!.login}` : `create ${students.length} students`
  await progress.step(title, async (note) => {
    let done = 0
    await atOnce(sideBySide, students, async (student) => {
      await enroll(room, student)
      note(`${++done} of ${students.length}`)
    })
  })
}

async function listStudents(lab: Lab, cloud: CloudClient): Promise<ListedStudent[]> {
  const students = await readClass(cloud, lab)
  return atOnce(sideBySide, students, async (one) => ({
    ...one,
    complete: one.project !== undefined && one.user !== undefined && one.enabled && hasSheet(lab, one),
    use: one.project ? await readUse(cloud, lab, one.project) : {},
  }))
}

export const listClass = async (lab: Lab): Promise<ListedStudent[]> => listStudents(lab, await signIn(lab))

/** Everything of one student is made anew, with the password of the sheet. */
export async function resetStudent(lab: Lab, login: string, progress: Progress): Promise<ListedStudent[]> {
  const cloud = await signIn(lab)
  const all = await readClass(cloud, lab)
  const student = expectStudent(all, login)
  const room = await prepareRoom(lab, cloud, { students: all, count: numberOf(all.at(-1)!.login) }, () => {})
  await progress.step(`remove what ${login} has`, (note) => withdraw(cloud, lab, [student], note))
  const { project: _, user: __, ...again } = student
  await enrollAll(room, [again], progress)
  return listStudents(lab, cloud)
}

/** One student, or all; gives who was removed. */
export async function removeStudents(lab: Lab, login: string | undefined, progress: Progress): Promise<Enrolled[]> {
  const cloud = await signIn(lab)
  const all = await readClass(cloud, lab)
  const students = login === undefined ? all : [expectStudent(all, login)]
  if (students.length === 0) return []
  const title = students.length === 1 ? `remove ${students[0]!.login}` : `remove ${students.length} students`
  await progress.step(title, (note) => withdraw(cloud, lab, students, note))
  for (const student of students) removeSheet(lab, student)
  return students
}
