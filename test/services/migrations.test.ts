/** The check of a schema against the migrations of the installed package, run by a real bash. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { schemaIsCurrent } from '../../scripts/services/migrations.ts'

const folder = mkdtempSync(join(tmpdir(), 'duostack-migrations-'))
afterAll(() => rmSync(folder, { recursive: true }))

const migrations = {
  'one.py': "revision = 'one'\ndown_revision = None\n",
  'expand/two.py': "revision = 'two'\ndown_revision = 'one'\ndepends_on = None\n",
  'contract/three.py': "revision = 'three'\ndown_revision = 'one'\n",
  'contract/four.py': "revision = 'four'\ndown_revision = 'three'\ndepends_on = ('two',)\n",
  'expand/five.py': "revision = 'five'\ndown_revision = 'two'\n",
}
for (const [name, text] of Object.entries(migrations)) {
  mkdirSync(join(folder, 'versions', name, '..'), { recursive: true })
  writeFileSync(join(folder, 'versions', name), text)
}

/** Whether the check holds when the table records these revisions; undefined: there is no such table. */
async function holds(
  recorded: string[] | undefined,
  versions = 'versions',
  tool?: 'sqlalchemy-migrate',
): Promise<boolean> {
  const answer = recorded ? `printf '%s\\n' ${recorded.join(' ')}` : 'return 1'
  const check = schemaIsCurrent({ database: 'glance', versions, ...(tool ? { tool } : {}) }).replaceAll(
    '/usr/lib/python3/dist-packages',
    folder,
  )
  const { exitCode } = await execa('bash', ['-s'], {
    input: `set -euo pipefail\nmariadb() { ${answer}; }\n${check}\n`,
    reject: false,
  })
  return exitCode === 0
}

test('passes if every head is recorded: revisions that no other follows or depends on', async () => {
  expect(await holds(['four', 'five'])).toBe(true)
  expect(await holds(['five', 'four'])).toBe(true)
})

test('fails for a schema at an older migration', async () => {
  expect(await holds(['four', 'two'])).toBe(false)
  expect(await holds(['five'])).toBe(false)
})

test('fails without the table', async () => {
  expect(await holds(undefined)).toBe(false)
})

test('fails without the package', async () => {
  expect(await holds([], 'nowhere')).toBe(false)
})

test('migrations by number: passes only at the newest', async () => {
  mkdirSync(join(folder, 'numbered'))
  for (const name of ['__init__.py', '073_newton.py', '086_drop.py', '099_not_python.txt']) {
    writeFileSync(join(folder, 'numbered', name), '')
  }
  const numbered = (recorded?: string[]) => holds(recorded, 'numbered', 'sqlalchemy-migrate')
  expect(await numbered(['86'])).toBe(true)
  expect(await numbered(['73'])).toBe(false)
  expect(await numbered(undefined)).toBe(false)
  expect(await holds([], 'nowhere', 'sqlalchemy-migrate')).toBe(false)
})
