/** A class of three: what they can see, change and use up of each other's, a reset, and nothing left at the end. */

import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { client } from '../harness/answers.ts'
import { type Class, expectIsolated } from '../harness/class.ts'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { expectHealthy, expectRefused, expectRun, runInside } from '../harness/lab.ts'

const projects = async (copy: Copy) =>
  (await client(copy, 'project', 'list', '-f', 'value', '-c', 'Name'))
    .split('\n')
    .filter((name) => /^s\d\d$/.test(name))

const sheet = (copy: Copy, login: string) => join(copy.root, '.lab/class', `${login}.yaml`)

/** About two minutes in containers. */
export function classTests(copyOf: () => Copy): void {
  describe('a class', () => {
    test('hostile names are refused with their lines, and nothing is made', async () => {
      const file = join(copyOf().root, '.lab/hostile.csv')
      await writeFile(file, 'name\nKim\n=cmd()\n../../x\n"a\nb"\n')
      const said = await expectRefused(copyOf(), 'class', 'create', '--csv', file)
      for (const line of [3, 4, 5]) expect(said).toContain(`hostile.csv:${line}`)
      expect(await projects(copyOf())).toEqual([])
    })

    test('is made, and made again without a change', async () => {
      const file = join(copyOf().root, '.lab/students.csv')
      await writeFile(file, 'name;number\nKim Min-jun;1\n"O\'Brien, Anna";2\n')
      const create = ['class', 'create', '--students', '3', '--csv', file] as const
      const first = await readDocument<Class>(copyOf(), ...create)
      expect(first.exitCode).toBe(0)
      expect(first.document.students.map(({ name }) => name)).toEqual(['Kim Min-jun', "O'Brien, Anna", null])
      const sheets = join(copyOf().root, '.lab/class')
      expect(((await stat(sheets)).mode & 0o777).toString(8)).toBe('700')
      for (const name of await readdir(sheets)) expect((await stat(join(sheets, name))).mode & 0o777).toBe(0o600)
      const before = await readFile(sheet(copyOf(), 's01'), 'utf8')
      expect((await readDocument<Class>(copyOf(), ...create)).document).toEqual(first.document)
      expect(await readFile(sheet(copyOf(), 's01'), 'utf8')).toBe(before)
    })

    test("s01 neither sees nor changes what is s02's, and uses up only its own", async () => {
      await expectIsolated(copyOf(), 's01', 's02')
      const { document } = await readDocument<Class>(copyOf(), 'class', 'list')
      expect(document.students.map(({ use }) => use.instances.used > 0)).toEqual([false, true, false])
      expect(await expectRun(copyOf(), 'status', '--project', 's02')).toMatch(/servers\s+mine/)
    })

    test('reset gives one student a fresh project and the same password; the others keep theirs', async () => {
      const before = await readFile(sheet(copyOf(), 's01'), 'utf8')
      await expectRun(copyOf(), 'class', 'reset', 's01', '--yes')
      expect(await readFile(sheet(copyOf(), 's01'), 'utf8')).toBe(before)
      const { document } = await readDocument<Class>(copyOf(), 'class', 'list')
      expect(document.students.map(({ use }) => use.instances.used)).toEqual([0, 1, 0])
      const inside = ['env', `OS_CLIENT_CONFIG_FILE=${sheet(copyOf(), 's01')}`, 'OS_CLOUD=s01', 'openstack']
      expect((await runInside(copyOf(), ...inside, 'server', 'list', '-f', 'value')).trim()).toBe('')
    })

    test('is removed with all that the students own', async () => {
      await expectRun(copyOf(), 'class', 'remove', '--yes')
      expect(await projects(copyOf())).toEqual([])
      const servers = await client(copyOf(), 'server', 'list', '--all-projects', '-f', 'value', '-c', 'Name')
      expect(servers).not.toMatch(/^(mine|many)$/m)
      await expectHealthy(copyOf())
    })
  })
}
