/** Who is in a class: the names in a CSV file. They are text from outside, and become text on a sheet and nothing else. */

import { type Finding, LabError } from '../declaration/errors.ts'
import { parseCsv, type Row, readText } from './csv.ts'

export const mostStudents = 99

/**
 * What a person's name may look like. No control, direction or line character; nothing that a spreadsheet takes for a
 * formula, nor a path.
 */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} .,'’()_·-]{0,63}$/u
const allowedName = "up to 64 letters, digits, spaces and . , ' ( ) _ -, beginning with a letter or a digit"

const isName = (text: string): boolean => namePattern.test(text)

function columnOf(file: string, header: Row | undefined): number {
  const column = (header?.cells ?? []).findIndex((cell) => cell.trim().toLowerCase() === 'name')
  if (column >= 0) return column
  const given = header ? `the columns ${header.cells.map((cell) => cell.trim()).join(', ')}` : 'an empty file'
  throw new LabError([{ where: `${file}:${header?.line ?? 1}`, given, allowed: 'a header line with a column "name"' }])
}

/** The names in the order of their lines. Throws LabError with everything that is wrong, by line. */
export function readRoster(file: string): string[] {
  const [header, ...rows] = parseCsv(file, readText(file))
  const column = columnOf(file, header)
  const found = rows.map(({ line, cells }) => ({ line, name: (cells[column] ?? '').normalize('NFC').trim() }))
  const most = header!.cells.length
  const findings: Finding[] = rows
    .filter(({ cells }) => cells.length > most)
    .map(({ line, cells }) => ({
      where: `${file}:${line}`,
      given: `${cells.length} cells`,
      allowed: `at most ${most}, as in the header line`,
      remedy: 'put a name with a comma in quotes',
    }))
  const wrong = found
    .filter(({ name }) => !isName(name))
    .map(({ line, name }) => ({
      where: `${file}:${line}`,
      given: name ? `the name ${JSON.stringify(name)}` : 'no name',
      allowed: allowedName,
    }))
  findings.push(...wrong)
  if (found.length > mostStudents) {
    findings.push({ where: file, given: `${found.length} names`, allowed: `at most ${mostStudents}` })
  }
  if (found.length === 0) findings.push({ where: file, given: 'no name', allowed: 'one line for each student' })
  if (findings.length > 0) throw new LabError(findings)
  return found.map(({ name }) => name)
}
