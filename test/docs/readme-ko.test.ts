import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const [english, korean] = [read('README.md'), read('README.ko.md')]

/** Every shell block, without the text of its comments. */
const blocksOf = (page: string) =>
  [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text]) => text!.replaceAll(/ +#.*$/gm, ''))

/** The first column of the table of commands. */
const commandsOf = (page: string) =>
  [...page.matchAll(/^\| (`\.\/lab .*?`(?: · `.*?`)?) \|/gm)].map(([, command]) => command)

test('the Korean README has the commands of the English one, all of them and no other', () => {
  expect(blocksOf(english).length).toBeGreaterThan(2)
  expect(blocksOf(korean)).toEqual(blocksOf(english))
  expect(commandsOf(english).length).toBeGreaterThan(15)
  expect(commandsOf(korean)).toEqual(commandsOf(english))
})

test('it names the same services and releases', () => {
  for (const word of [
    'Zed',
    'Debian 12',
    'MariaDB',
    'RabbitMQ',
    'Placement',
    'Linuxbridge',
    'Horizon',
    '20.19',
    '22.04',
    'Apache 2.0',
  ]) {
    expect(english).toContain(word)
    expect(korean).toContain(word)
  }
})
