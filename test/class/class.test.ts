/** A class in a cloud in memory: made, made again, killed anywhere, removed. A real lab is in e2e. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { planStudents } from '../../scripts/class/class.ts'
import { type Classroom, enroll } from '../../scripts/class/enroll.ts'
import { readPassword, removeSheet, sheetOf } from '../../scripts/class/sheet.ts'
import { type Enrolled, expectFreeNames, expectStudent, readClass } from '../../scripts/class/students.ts'
import { withdraw } from '../../scripts/class/withdraw.ts'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'
import { type SmallCloud, smallCloud } from './small-cloud.ts'

const limits = { instances: 1, cores: 1, memoryMiB: 128, ports: 5, networks: 2, routers: 1, floatingIps: 1 }

function setUp(networking: Lab['networking'] = 'self-service'): { cloud: SmallCloud; lab: Lab; room: Classroom } {
  const fixture = fixtureLab('lxc')
  const state = join(temporaryFolder(), '.lab')
  mkdirSync(state, { mode: 0o700 })
  const lab: Lab = { ...fixture, networking, timeScale: 0.001, paths: { ...fixture.paths, state } }
  const cloud = smallCloud()
  const room: Classroom = { cloud: cloud.client, lab, member: 'role-member', limits }
  return { cloud, lab, room: networking === 'provider' ? room : { ...room, provider: 'provider-id' } }
}

async function create(room: Classroom, count: number, names: readonly string[] = []): Promise<Enrolled[]> {
  const students = planStudents(await readClass(room.cloud, room.lab), count, names)
  for (const student of students) await enroll(room, student)
  return readClass(room.cloud, room.lab)
}

async function remove({ cloud, lab }: Classroom): Promise<void> {
  const students = await readClass(cloud, lab)
  await withdraw(cloud, lab, students, () => {})
  for (const student of students) removeSheet(lab, student)
}

/** What there is, without ids. */
const summary = ({ things }: SmallCloud) =>
  Object.fromEntries(
    Object.entries(things)
      .map(([kind, all]) => [kind, all.map(({ name }) => name).sort()] as const)
      .filter(([kind, all]) => all.length > 0 && kind !== 'roles' && kind !== 'grants' && !kind.includes('quota')),
  )

/** Objects of others, some with names that a class uses too. */
function addStrangers({ things }: SmallCloud): void {
  things['projects'] = [{ id: 'x', name: 'demo', domain_id: 'default', description: 'For everyday use' }]
  things['users'] = [{ id: 'y', name: 'demo', domain_id: 'default' }]
  things['networks'] = [{ id: 'z', name: 's01', project_id: 'x' }]
  things['servers'] = [{ id: 'v', name: 's01', tenant_id: 'x' }]
}

describe('create', () => {
  test('gives each student a project, a user with one role in it, a network behind a router and a sheet', async () => {
    const { cloud, lab, room } = setUp()
    const students = await create(room, 2, ['Kim Min-jun'])
    expect(students).toMatchObject([{ login: 's01', name: 'Kim Min-jun', enabled: true }, { login: 's02' }])
    expect(summary(cloud)).toEqual({
      ...{ projects: ['s01', 's02'], users: ['s01', 's02'], networks: ['s01', 's02'] },
      ...{ subnets: ['s01-v4', 's02-v4'], routers: ['s01', 's02'], ports: ['', ''] },
    })
    const [first] = students
    expect(cloud.things['grants']![0]!.name).toBe(`/projects/${first!.project}/users/${first!.user}/roles/role-member`)
    expect(cloud.things['os_quota_sets']!.map(({ id }) => id)).toContain(first!.project)
    const sheets = join(lab.paths.state, 'class')
    expect(statSync(sheets).mode & 0o777).toBe(0o700)
    expect(readdirSync(sheets)).toEqual(['s01.yaml', 's02.yaml'])
    expect(statSync(join(sheets, 's01.yaml')).mode & 0o777).toBe(0o600)
  })

  test('on a provider lab makes no network', async () => {
    const { cloud, lab, room } = setUp('provider')
    await create(room, 1)
    expect(Object.keys(summary(cloud))).toEqual(['projects', 'users'])
    expect(readFileSync(sheetOf(lab, { login: 's01' }), 'utf8')).toContain('# network     provider, shared by all')
  })

  test('the second time makes nothing, and keeps passwords, also those that a student has changed', async () => {
    const { cloud, lab, room } = setUp()
    await create(room, 2)
    const before = [summary(cloud), readFileSync(sheetOf(lab, { login: 's01' }), 'utf8')]
    cloud.things['users']![0]!['password'] = 'changed by s01'
    cloud.things['networks'] = []
    cloud.changes.length = 0
    await create(room, 2)
    expect(cloud.changes.filter((one) => one.startsWith('POST') || one.includes('interface'))).toEqual([])
    expect(cloud.things['users']![0]!['password']).toBe('changed by s01')
    const { networks: _, ...others } = before[0] as Record<string, unknown>
    expect([summary(cloud), readFileSync(sheetOf(lab, { login: 's01' }), 'utf8')]).toEqual([others, before[1]])
  })

  test('without its sheet a user gets a new password', async () => {
    const { cloud, lab, room } = setUp()
    await create(room, 1)
    const first = readPassword(lab, { login: 's01' })
    rmSync(sheetOf(lab, { login: 's01' }))
    await create(room, 1)
    const second = readPassword(lab, { login: 's01' })
    expect(second).toMatch(/^[A-Za-z0-9]{20}$/)
    expect(second).not.toBe(first)
    expect(cloud.things['users']![0]!['password']).toBe(second)
  })

  test('killed at any request, it is continued by the next one: the same class, and every sheet is right', async () => {
    const { cloud: whole, room: wholeRoom } = setUp()
    await create(wholeRoom, 2)
    for (let failAt = 1; failAt <= whole.asked; failAt++) {
      const { cloud, lab, room } = setUp()
      cloud.failAt = failAt
      await expect(create(room, 2), `request ${failAt}`).rejects.toThrow('killed')
      await create(room, 2)
      expect(summary(cloud), `request ${failAt}`).toEqual(summary(whole))
      const passwords = cloud.things['users']!.map(({ name, password }) => [name, password])
      expect(passwords).toEqual(['s01', 's02'].map((login) => [login, readPassword(lab, { login })]))
    }
  })

  test('killed at any request, remove cleans up, and what belongs to others stays', async () => {
    const { cloud: whole, room: wholeRoom } = setUp()
    await create(wholeRoom, 2)
    for (let failAt = 1; failAt <= whole.asked; failAt++) {
      const { cloud, lab, room } = setUp()
      addStrangers(cloud)
      const before = summary(cloud)
      cloud.failAt = failAt
      await expect(create(room, 2)).rejects.toThrow('killed')
      await remove(room)
      expect(summary(cloud), `request ${failAt}`).toEqual(before)
      expect(existsSync(join(lab.paths.state, 'class'))).toBe(false)
    }
  })

  test('refuses names that others have, before anything is made', async () => {
    const { cloud, lab, room } = setUp()
    cloud.things['users'] = [{ id: 'u', name: 's02', domain_id: 'default', description: 'Class of lab ffffffff' }]
    cloud.things['projects'] = [{ id: 'p', name: 's03', domain_id: 'default' }]
    const refused = expectFreeNames(room.cloud, lab, ['s01', 's02', 's03'])
    await expect(refused).rejects.toThrow(/a project s03 \(p\)[\s\S]*a user s02 \(u\)/)
    expect(cloud.changes).toEqual([])
  })
})

describe('remove', () => {
  test('killed at any request, the next one finishes', async () => {
    const { cloud: whole, room: wholeRoom } = setUp()
    await create(wholeRoom, 2)
    const created = whole.asked
    await remove(wholeRoom)
    expect(summary(whole)).toEqual({})
    for (let failAt = created + 1; failAt <= whole.asked; failAt++) {
      const { cloud, room } = setUp()
      await create(room, 2)
      cloud.failAt = failAt
      await expect(remove(room), `request ${failAt}`).rejects.toThrow('killed')
      await remove(room)
      expect(summary(cloud), `request ${failAt}`).toEqual({})
    }
  })

  test('takes whatever the students made, and looks again for what they make meanwhile', async () => {
    const { cloud, room } = setUp()
    addStrangers(cloud)
    const before = summary(cloud)
    const [student] = await create(room, 1)
    const own = { project_id: student!.project, tenant_id: student!.project, owner: student!.project }
    for (const kind of ['servers', 'images', 'networks', 'security_groups', 'trunks']) {
      cloud.things[kind] = [...(cloud.things[kind] ?? []), { id: `own-${kind}`, name: 'mine', ...own }]
    }
    const { delete: remover } = room.cloud
    let late = true
    room.cloud.delete = async (type, path, request) => {
      await remover(type, path, request)
      if (late) cloud.things['servers']!.push({ id: 'late', name: 'late', ...own })
      late = false
    }
    await remove(room)
    expect(summary(cloud)).toEqual(before)
  })
})

describe('the list', () => {
  const there = (login: string, name?: string): Enrolled => ({ login, enabled: true, ...(name ? { name } : {}) })

  test('grows at its end; whoever is there stays', () => {
    const all = planStudents([there('s01', 'Kim')], 3, ['Kim', 'Lee'])
    expect(all.map(({ login, name }) => [login, name])).toEqual([
      ['s01', 'Kim'],
      ['s02', 'Lee'],
      ['s03', undefined],
    ])
  })

  test('does not make one student another one, and does not shrink', () => {
    expect(() => planStudents([there('s01', 'Kim')], 1, ['Lee'])).toThrow('s01 is Kim, but the list has Lee')
    expect(() => planStudents([there('s03')], 2, [])).toThrow('2 students, but the class has s03')
  })

  test('a student who is not there is refused', () => {
    expect(() => expectStudent([there('s01')], 's09')).toThrow('no student s09')
  })
})

describe('a sheet', () => {
  test('is a clouds.yaml, and says what a person must know', async () => {
    const { lab, room } = setUp()
    await create(room, 1, ["O'Brien, Anna"])
    const text = readFileSync(sheetOf(lab, { login: 's01' }), 'utf8')
    const { clouds } = parse(text)
    expect(Object.keys(clouds)).toEqual(['s01', 's01-local'])
    const password = readPassword(lab, { login: 's01' })
    expect(clouds.s01.auth).toMatchObject({ username: 's01', project_name: 's01', password })
    expect(text).toContain(`# password    ${password}\n`)
    expect(text).toMatch(/^# O'Brien, Anna: s01 on the lab duostack\n/)
    expect(text).toContain('at most     1 instance (1 virtual CPU and 128 MiB together), 5 ports, 1 floating IP')
  })

  test('that somebody has changed, or a folder that is none, is refused', async () => {
    const { lab, room } = setUp()
    await create(room, 1)
    writeFileSync(sheetOf(lab, { login: 's01' }), 'clouds: {}')
    expect(() => readPassword(lab, { login: 's01' })).toThrow('.lab/class/s01.yaml: no password in it')
    rmSync(join(lab.paths.state, 'class'), { recursive: true })
    symlinkSync('/tmp', join(lab.paths.state, 'class'))
    await expect(create(room, 1)).rejects.toThrow('.lab/class: not a folder')
  })
})
