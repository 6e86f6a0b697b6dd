/** The `./lab` commands in the documentation exist, with the arguments and options shown. */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { checkArguments } from '../../scripts/lab/check-arguments.ts'
import { commands } from '../../scripts/lab/commands.ts'
import { readUsageOf } from '../../scripts/lab/usage.ts'

const root = resolve(import.meta.dirname, '../..')
const pages = execaSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root }).stdout.split('\n')
const read = (page: string) => readFileSync(join(root, page), 'utf8')

/** The lines of shell blocks that start ./lab, without synopses, which have brackets. */
const linesOf = (page: string) =>
  [...page.matchAll(/^```sh[^\n]*\n(.*?)^```/gms)]
    .flatMap(([, block]) => block!.split('\n'))
    .filter((line) => /^(?:sudo )?\.\/lab /.test(line) && !line.includes('['))
    .map((line) =>
      line
        .replace(/^sudo /, '')
        .replace(/ +# .*$| [>|] .*$| &$/, '')
        .replace(/sha256:(?:HEX|…)/, `sha256:${'0'.repeat(64)}`),
    )

async function judge(line: string): Promise<string[]> {
  const [, name = '', ...words] = line.split(/\s+/)
  const entry = commands[name]
  if (!entry) return [`${line}: no command ${name}`]
  if (entry.passthrough) return []
  const usage = await readUsageOf(name, entry)
  if (line === usage.synopsis) return []
  try {
    checkArguments(usage, words)
    return []
  } catch (error) {
    return [`${line}: ${(error as Error).message}`]
  }
}

test.each(pages)('%s', async (page) => {
  const text = read(page)
  const named = [...text.matchAll(/`\.\/lab ([a-z]+)/g)].map(([, name]) => name!)
  expect(named.filter((name) => !commands[name])).toEqual([])
  expect((await Promise.all(linesOf(text).map(judge))).flat()).toEqual([])
})

test('a command or option that does not exist is found', async () => {
  expect(await judge('./lab launch')).toHaveLength(1)
  expect(await judge('./lab trace --lunch')).toHaveLength(1)
  expect(await judge('./lab trace --launch')).toEqual([])
})
