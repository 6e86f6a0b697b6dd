/** Checks one file against its schema, so that each mistake becomes a finding at its place. */

import type { core, z } from 'zod'
import type { Finding } from '../errors.ts'
import { nearestTo } from './nearest.ts'
import { firstOfEachLine, type Path, type Source } from './source.ts'

/** A value that is right by itself, and where it stands. */
export interface Field<Value> {
  value: Value
  where: string
  /** `lab_management_network.cidr: 10.0.0.0/24` */
  given: string
}

export interface Checked<Value> {
  source: Source
  /** Undefined where something in the file is wrong. */
  value: Value | undefined
  findings: readonly Finding[]
  /** A single value, also of a file with mistakes elsewhere; undefined where it is absent or itself wrong. */
  field<Single>(...path: string[]): Field<Single> | undefined
  /** The names in a mapping that are right as names. */
  names(...path: string[]): string[]
}

/** In a schema the message of a check is what is allowed there. */
export function checkSource<Value>(source: Source, schema: z.ZodType<Value>): Checked<Value> {
  const result = source.data ? schema.safeParse(source.data) : undefined
  const issues = result?.error?.issues ?? []
  const wrong = issues.map(({ path }) => path)
  const isWrong = (path: Path) => wrong.some((other) => isWithin(path, other))
  const findings = firstOfEachLine(source.findings).concat(issues.flatMap((issue) => describeIssue(source, issue)))
  const valueAt = (path: Path) => (isWrong(path) ? undefined : readAt(source.data, path))
  return {
    source,
    value: findings.length === 0 ? result?.data : undefined,
    findings: withoutEchoes(source.findings, findings),
    field<Single>(...path: string[]) {
      const value = valueAt(path)
      if (value === undefined || value === null) return undefined
      return { value: value as Single, where: source.place(path), given: givenAt(source, path) }
    },
    names(...path) {
      const mapping = readAt(source.data, path)
      if (typeof mapping !== 'object' || mapping === null) return []
      return Object.keys(mapping).filter((name) => !isWrong([...path, name]) || !isKeyWrong(issues, [...path, name]))
    },
  }
}

/** What the text itself is refused for (Jinja, a tag) is not refused again for what the schema makes of it. */
function withoutEchoes(refused: readonly Finding[], all: readonly Finding[]): Finding[] {
  const line = ({ where }: Finding) => where.split(':').slice(0, 2).join(':')
  const lines = new Set(refused.map(line))
  return all.filter((finding) => refused.includes(finding) || !lines.has(line(finding)))
}

/** True where `path` is `outer` or lies in it, or `outer` is wrong somewhere within `path`. */
function isWithin(path: Path, outer: Path): boolean {
  return path.slice(0, outer.length).every((name, index) => name === outer[index]) && path.length >= outer.length
}

function isKeyWrong(issues: readonly core.$ZodIssue[], path: Path): boolean {
  return issues.some((issue) => issue.code === 'invalid_key' && isWithin(path, issue.path))
}

function readAt(data: unknown, path: Path): unknown {
  return path.reduce((value: unknown, name) => {
    const isMapping = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    return isMapping ? (value as Record<PropertyKey, unknown>)[name] : undefined
  }, data)
}

function describeIssue(source: Source, issue: core.$ZodIssue): Finding[] {
  const { path, message: allowed } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknown(source, [...path, key], allowed))
  }
  if (issue.code === 'invalid_key') {
    const where = source.place(path, 'key')
    return [{ where, given: `the name ${quote(path.at(-1))}`, allowed: issue.issues[0]?.message ?? allowed }]
  }
  if (source.written(path) === undefined && path.length > 0) {
    return [{ where: source.place(path), given: `${label(path)} is missing`, allowed }]
  }
  return [{ where: source.place(path), given: givenAt(source, path), allowed }]
}

function describeUnknown(source: Source, path: Path, allowed: string): Finding {
  const key = String(path.at(-1))
  const kind = path.at(-2) === 'children' ? 'group' : path.at(-2) === 'lab_services' ? 'service' : 'key'
  const near = nearestTo(key, allowed.replace(/^.*: /, '').split(', '))
  const finding = { where: source.place(path, 'key'), given: `unknown ${kind} ${quote(key)}`, allowed }
  return near ? { ...finding, remedy: `did you mean ${near}?` } : finding
}

function givenAt(source: Source, path: Path): string {
  const written = source.written(path)
  return `${label(path)}: ${written === '' || written === undefined ? 'nothing' : quote(written)}`
}

const label = (path: Path) => path.filter((name) => name !== 'all' && name !== 'children').join('.')

/** One line, short, without anything that a terminal would act on. */
function quote(value: unknown): string {
  const line = String(value).replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '?')
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}
