/** What the arguments of `./lab class` must look like. */

import { mostStudents } from '../class/roster.ts'
import { loginPattern } from '../class/students.ts'
import { UsageError } from '../declaration/errors.ts'

export function expectStudents(value: string): number {
  const count = /^[1-9]\d?$/.test(value) ? Number(value) : Number.NaN
  if (count <= mostStudents) return count
  const allowed = `a number from 1 to ${mostStudents}`
  throw new UsageError([{ where: './lab class --students', given: value, allowed }])
}

export function expectLogin(value: string): string {
  if (loginPattern.test(value)) return value
  throw new UsageError([{ where: './lab class', given: value, allowed: 'a student: s01 to s99' }])
}
