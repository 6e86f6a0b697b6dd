/**
 * Part 6: wrong configurations on a running lab are rejected with their place and what is allowed; nothing is changed.
 */

import { chmod, rename, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rightDeclaration } from '../declaration/checkout.ts'
import { type WrongDeclaration, wrongFiles, wrongTables } from '../declaration/wrong-declarations.ts'
import { expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { editDeclaration, expectRefused } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { progressLine } from '../harness/output.ts'
import { keepDeclaration, replaceDeclaration } from './declaration.ts'
import { readTouched } from './touched.ts'

const part = 'input'

/** Pages that explain an error, below its message. */
const docsLine = /^ {4}docs: .*\n?/gm

/** What was wrong with the refusal; empty: nothing. */
async function judge(copy: Copy, { title, spoil, message }: WrongDeclaration): Promise<string[]> {
  const putBack = await keepDeclaration(copy)
  try {
    await replaceDeclaration(copy, rightDeclaration)
    spoil(copy.root)
    const said = (await expectRefused(copy, 'up')).replace(progressLine, '').replaceAll(docsLine, '').trimEnd()
    const right = message instanceof RegExp ? message.test(said) : message === said
    return right ? [] : [`${title}: ${said.slice(0, 300)}`]
  } catch (error) {
    return [`${title}: ${(error as Error).message}`]
  } finally {
    await putBack()
  }
}

export function inputTests(copy: () => Copy): void {
  const tables = Object.entries({ ...wrongTables, 'whole files': wrongFiles })

  test('at least sixty are known', () => {
    expect(tables.flatMap(([, table]) => table).length).toBeGreaterThanOrEqual(60)
  })

  test.each(tables)('wrong configurations, %s: rejected with their place, nothing changed', (name, table) =>
    recorded(part, `wrong configurations, ${name}`, async () => {
      const before = await readTouched(copy())
      const wrong: string[] = []
      for (const one of table) wrong.push(...(await judge(copy(), one)))
      expect(wrong).toEqual([])
      expect(await readTouched(copy())).toEqual(before)
      return `${table.length} rejected with place, value and what is allowed; nothing touched`
    }),
  )

  test('secrets that others can read, or behind a link, are refused; nothing changed', () =>
    recorded(part, 'secrets.yml with mode 0644, then a link', async () => {
      const before = await readTouched(copy())
      const file = join(copy().root, 'ansible-vars/secrets.yml')
      const away = join(copy().root, '.lab/secrets-away.yml')
      try {
        await chmod(file, 0o644)
        expect(await expectRefused(copy(), 'up')).toContain('chmod 600 ansible-vars/secrets.yml')
        await chmod(file, 0o600)
        await rename(file, away)
        await symlink(away, file)
        expect(await expectRefused(copy(), 'up')).toContain('ansible-vars/secrets.yml: a symbolic link')
        await rm(file)
        await rename(away, file)
      } finally {
        if (await stat(away).catch(() => undefined)) await rename(away, file)
        await chmod(file, 0o600)
      }
      expect(await readTouched(copy())).toEqual(before)
      return 'both refused, nothing touched'
    }))

  test('a lab that was to be rebuilt from a wrong declaration still exists', () =>
    recorded(part, 'up --rebuild with a wrong declaration', async () => {
      const before = await readTouched(copy())
      const putBack = await keepDeclaration(copy())
      try {
        await editDeclaration(copy(), 'group_vars/all.yml', /^lab_region: .*/m, 'lab_region: 1.5')
        expect(await expectRefused(copy(), 'up', '--rebuild', '--yes')).toContain('lab_region')
      } finally {
        await putBack()
      }
      expect(await readTouched(copy())).toEqual(before)
      return 'refused, nothing touched'
    }))

  test('the lab is unchanged', () =>
    recorded(part, 'the lab after all of them', async () => {
      await expectVerified(copy())
      return 'verified'
    }))
}
