/** Names from a CSV file: as spreadsheets save them, and hostile ones. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseCsv } from '../../scripts/class/csv.ts'
import { mostStudents, readRoster } from '../../scripts/class/roster.ts'
import type { LabError } from '../../scripts/declaration/errors.ts'
import { visible } from '../../scripts/terminal/visible.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

function fileWith(content: string | Uint8Array): string {
  const file = join(temporaryFolder(), 'students.csv')
  writeFileSync(file, content)
  return file
}

const read = (content: string | Uint8Array) => readRoster(fileWith(content))

/** What is refused: the places, without the folder. */
function refused(content: string | Uint8Array): { places: string[]; message: string } {
  try {
    read(content)
  } catch (error) {
    const places = (error as LabError).findings.map(({ where }) => where.replace(/.*\//, ''))
    return { places, message: (error as Error).message }
  }
  return { places: [], message: '' }
}

describe('a CSV file', () => {
  test.each([
    ['commas', 'number,name\n1,Kim Min-jun\n2,Lee Seo-yeon\n'],
    ['semicolons, as where the comma is a decimal point', 'number;name\n1;Kim Min-jun\n2;Lee Seo-yeon\n'],
    ['tabs', 'name\tnumber\nKim Min-jun\t1\nLee Seo-yeon\t2'],
    ['a byte order mark and Windows lines', '\ufeffName\r\nKim Min-jun\r\nLee Seo-yeon\r\n'],
    ['quotes and empty lines', '"name"\n"Kim Min-jun"\n\n"Lee Seo-yeon"\n\n'],
  ])('with %s', (_, text) => {
    expect(read(text)).toEqual(['Kim Min-jun', 'Lee Seo-yeon'])
  })

  test('keeps names of any script, and commas and apostrophes in them', () => {
    expect(read('name\n김민준\n"O\'Brien, Anna"\nÅsa Öberg\n')).toEqual(['김민준', "O'Brien, Anna", 'Åsa Öberg'])
  })

  test('keeps the number of the line where a row begins', () => {
    expect(parseCsv('f', 'a,b\n"1\n2",x\ny,"z""z"\n')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1\n2', 'x'] },
      { line: 4, cells: ['y', 'z"z'] },
    ])
  })
})

describe('refused, with the line', () => {
  test.each([
    ['a formula', '=HYPERLINK("http://x")'],
    ['another formula', '@SUM(A1)'],
    ['a sum', '+1'],
    ['a difference', '-1'],
    ['a path', '../../etc/passwd'],
    ['a file name', '.profile'],
    ['an escape sequence', 'Kim\u001b]0;owned\u0007'],
    ['a line break', 'Kim\nclouds: {}'],
    ['a carriage return', 'Kim\rLee'],
    ['a tab', 'Kim\tLee'],
    ['a line separator', 'Kim\u2028Lee'],
    ['a direction mark', 'Kim\u202eLee'],
    ['a command', 'x; rm -rf ~'],
    ['a substitution', '$(id)'],
    ['markup', '<script>'],
    ['a long name', 'x'.repeat(65)],
    ['no name', ' '],
  ])('%s', (_, name) => {
    const { places, message } = refused(`name,n\nKim,1\n"${name.replaceAll('"', '""')}",2\nLee,3\n`)
    expect(places).toEqual(['students.csv:3'])
    for (const line of message.split('\n')) expect(line).toBe(visible(line))
  })

  test('all of them at once', () => {
    expect(refused('name\n=1\nKim\n/etc\n').places).toEqual(['students.csv:2', 'students.csv:4'])
  })

  test.each([
    ['an unclosed quote', 'name\n"Kim\n', 'students.csv:2'],
    ['a quote in a cell', 'name\nKim "x"\n', 'students.csv:2'],
    ['a name with a comma and no quotes', 'name\nKim, Min\n', 'students.csv:2'],
    ['another header', 'person\nKim\n', 'students.csv:1'],
    ['an empty file', '', 'students.csv:1'],
    ['a header alone', 'name\n', 'students.csv'],
    ['too many', `name\n${'Kim\n'.repeat(mostStudents + 1)}`, 'students.csv'],
    ['another encoding', new Uint8Array([0x6e, 0xff, 0xfe]), 'students.csv'],
  ])('%s', (_, content, place) => {
    expect(refused(content).places).toContain(place)
  })

  test('what is no file', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'x.csv'))
    expect(() => readRoster(join(folder, 'x.csv'))).toThrow('not a regular file')
    expect(() => readRoster(join(folder, 'y.csv'))).toThrow('no such file')
  })
})
