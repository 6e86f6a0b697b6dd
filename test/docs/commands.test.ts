/** The `./lab` commands in the documentation exist, with the arguments and options shown. */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'
import { commands } from '../../scripts/lab/commands.ts'
import { judge } from './judge-command.ts'

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
