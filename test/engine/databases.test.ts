/** Databases and packages. MariaDB, apt and dpkg are the small stand-ins below, found first in PATH; the real ones are met by e2e. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureDatabase } from '../../scripts/engine/databases.ts'
import { ensurePackages } from '../../scripts/engine/packages.ts'
import { type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
let state: string
beforeAll(async () => {
  sshd = await startSshd()
  state = join(sshd.folder, 'state')
  const standIn = readFileSync(new URL('mariadb.sh', import.meta.url), 'utf8')
  sshd.program('mariadb', standIn.replaceAll('@STATE@', state))
  sshd.program('dpkg-query', `#!/bin/sh\nsed 's/$/ installed/' ${state}/packages\n`)
  sshd.program('dpkg', `#!/bin/sh\necho "dpkg $*" >>${state}/calls\n`)
  sshd.program('apt-get', aptGet)
})
afterAll(() => sshd.stop())
beforeEach(() => {
  rmSync(state, { recursive: true, force: true })
  mkdirSync(state)
  write('packages', 'glance\n')
})

/** Knows no package until it has read the lists. */
const aptGet = `#!/bin/bash
state=\${0%/bin/*}/state
echo "apt-get $*" >>$state/calls
[[ "$*" != *update ]] || { touch $state/lists; exit 0; }
[[ -e $state/lists ]] || { echo 'E: Unable to locate package' >&2; exit 100; }
for name in \${*#*install }; do echo "$name" >>$state/packages; done`

const read = (name: string) => readFileSync(join(state, name), 'utf8')
const write = (name: string, text: string) => writeFileSync(join(state, name), text)
const password = 'glance-database-password'
const database = () => ensureDatabase({ name: 'glance', user: 'glance', password }, '10.0.0.11')

test('a database and its user are made, and then left alone', async () => {
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

test('a dry run makes no database', async () => {
  expect(await sshd.run([database()], { dry: true })).toEqual(['database glance of glance: is missing'])
  expect(readdirSync(state)).toEqual(['packages'])
})

test('installed packages are left alone', async () => {
  expect(await sshd.run(ensurePackages(['glance']))).toEqual([])
  expect(ensurePackages([])).toEqual([])
  expect(existsSync(join(state, 'calls'))).toBe(false)
})

test('missing packages are installed without recommends, under a lock timeout, with daemons kept from starting', async () => {
  expect(await sshd.run(ensurePackages(['glance', 'python3-pymysql']))).toEqual([
    'packages glance python3-pymysql: not installed: python3-pymysql',
  ])
  expect(read('calls').trim().split('\n').at(-1)).toBe(
    'apt-get -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold --no-install-recommends install glance python3-pymysql',
  )
  expect(read('calls')).toContain('apt-get -o DPkg::Lock::Timeout=600 update')
  expect(readFileSync(sshd.places.policy, 'utf8')).toBe('#!/bin/sh\nexit 101\n')
})

test('a dry run installs nothing', async () => {
  expect(await sshd.run(ensurePackages(['novnc']), { dry: true })).toEqual(['packages novnc: not installed: novnc'])
  expect(existsSync(join(state, 'calls'))).toBe(false)
})
