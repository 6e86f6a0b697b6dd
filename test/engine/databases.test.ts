/** Databases. MariaDB is a small stand-in, found first in PATH; e2e uses the real one. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureDatabase } from '../../scripts/engine/databases.ts'
import { type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
let state: string
beforeAll(async () => {
  sshd = await startSshd()
  state = join(sshd.folder, 'state')
  const standIn = readFileSync(new URL('mariadb.sh', import.meta.url), 'utf8')
  sshd.program('mariadb', standIn.replaceAll('@STATE@', state))
})
afterAll(() => sshd.stop())
beforeEach(() => {
  rmSync(state, { recursive: true, force: true })
  mkdirSync(state)
})

const read = (name: string) => readFileSync(join(state, name), 'utf8')
const write = (name: string, text: string) => writeFileSync(join(state, name), text)
const password = 'glance-database-password'
const database = () => ensureDatabase({ name: 'glance', user: 'glance', password }, '10.0.0.11')

test('a database and its user are created, and then left alone', async () => {
  expect(await sshd.run([database()])).toEqual(['database glance of glance: is missing'])
  expect(read('database.glance')).toBe('utf8mb3\n')
  expect(read('password.glance')).toBe(`${password}\n`)
  const made = readdirSync(state)
  expect(await sshd.run([database()])).toEqual([])
  expect(readdirSync(state)).toEqual(made)
})

test('the password is tried over the network, and is in no command line', async () => {
  await sshd.run([database()])
  expect(read('logins')).toBe(`-h 10.0.0.11 -u glance -D glance -e SELECT 1 ${password}\n`)
})

test.each([
  ['password.glance', 'old\n', 'glance cannot log in with the password of this lab'],
  ['rights.glance', 'GRANT USAGE ON *.* TO `glance`@`%`\n', 'glance lacks rights'],
  ['database.glance', 'latin1\n', 'is not utf8mb3'],
])('a wrong %s is corrected', async (file, wrong, reason) => {
  await sshd.run([database()])
  write(file, wrong)
  expect(await sshd.run([database()])).toEqual([`database glance of glance: ${reason}`])
  expect(await sshd.run([database()])).toEqual([])
})

test('a dry run creates no database', async () => {
  expect(await sshd.run([database()], { dry: true })).toEqual(['database glance of glance: is missing'])
  expect(readdirSync(state)).toEqual([])
})
