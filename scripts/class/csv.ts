/** Reads a CSV file (RFC 4180, with a header line) as a spreadsheet saves it: separated by commas, semicolons or tabs. */

import { readFileSync, statSync } from 'node:fs'
import { type Finding, LabError } from '../declaration/errors.ts'

export interface Row {
  /** Number of its first line, from 1. */
  line: number
  cells: readonly string[]
}

const largestBytes = 1_000_000

const refuse = (finding: Finding) => new LabError([finding])

/** The text of a file that a person names. Throws LabError. */
export function readText(file: string): string {
  let stat: ReturnType<typeof statSync>
  try {
    stat = statSync(file)
  } catch (error) {
    const given = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message
    throw refuse({ where: file, given, allowed: 'a CSV file' })
  }
  if (!stat.isFile()) throw refuse({ where: file, given: 'not a regular file', allowed: 'a CSV file' })
  if (stat.size > largestBytes) throw refuse({ where: file, given: `${stat.size} bytes`, allowed: 'at most 1 MB' })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch {
    const remedy = 'save it as "CSV UTF-8"'
    throw refuse({ where: file, given: 'not UTF-8 text', allowed: 'a CSV file in UTF-8', remedy })
  }
}

/** The one of these that the header line has most of. */
function separatorOf(text: string): string {
  const [header = ''] = text.split('\n', 1)
  const count = (one: string) => header.split(one).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0]!
}

/** A cell, quoted or not, and what ends it. */
const cellPattern = (separator: string) =>
  new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r?\\n|$)`, 'y')

/** Rows that are not empty. Throws LabError with the number of a line that is no CSV. */
export function parseCsv(file: string, text: string): Row[] {
  const cell = cellPattern(separatorOf(text))
  const rows: Row[] = []
  let [line, cells] = [1, [] as string[]]
  let start = line
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex
    const found = cell.exec(text)
    if (!found) {
      const allowed = 'a cell with closed quotes, and quotes in it doubled'
      throw refuse({ where: `${file}:${line}`, given: 'a stray quote or carriage return', allowed })
    }
    const [whole, quoted, plain = '', end = ''] = found
    cells.push(quoted?.replaceAll('""', '"') ?? plain)
    line += whole.split('\n').length - 1
    if (end.endsWith('\n') || at + whole.length === text.length) {
      if (cells.some((one) => one.trim() !== '')) rows.push({ line: start, cells })
      ;[start, cells] = [line, []]
    }
  }
  return rows
}
