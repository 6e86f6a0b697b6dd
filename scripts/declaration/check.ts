/** Checks one file against its schema and turns each mistake into a finding with its place. */

import type { core, z } from 'zod'
import type { Finding } from './errors.ts'
import { nearestTo } from './nearest.ts'
import { lineOf, type Path, type Source } from './source.ts'

/** A value that is valid on its own, and its position. */
export interface Field<Value> {
  value: Value
  where: string
  /** `lab_management_network.cidr: 10.0.0.0/24` */
  given: string
}

export interface Checked<Value> {
  source: Source
  /** Undefined if something in the file is wrong. */
  value: Value | undefined
  findings: readonly Finding[]
  /** A single value, also of a file with mistakes elsewhere; undefined if it is absent or itself wrong. */
  field<Single>(...path: string[]): Field<Single> | undefined
  /** The keys of a mapping, valid or not; none if it is empty or absent, undefined if it is not a mapping. */
  keys(...path: string[]): string[] | undefined
}

/** In a schema the message of a check is what is allowed there. */
export function checkSource<Value>(source: Source, schema: z.ZodType<Value>): Checked<Value> {
  const result = source.data ? schema.safeParse(source.data) : undefined
  const issues = result?.error?.issues ?? []
  // What was rejected in the text itself (Jinja, a tag) is not rejected again by the schema.
  const refused = new Set(source.findings.map(lineOf))
  const wrong = withoutMistyped(issues)
    .flatMap((issue) => describeUnquoted(source, schema, issue) ?? describeIssue(source, issue))
    .filter((finding) => !refused.has(lineOf(finding)))
  const findings = [...source.findings, ...wrong]
  return {
    source,
    value: findings.length === 0 ? result?.data : undefined,
    findings,
    field<Single>(...path: string[]) {
      const value = issues.some((issue) => isWithin(path, issue.path)) ? undefined : readAt(source.data, path)
      if (value === undefined || value === null) return undefined
      return { value: value as Single, where: source.place(path), given: givenAt(source, path) }
    },
    keys(...path) {
      const value = readAt(source.data, path)
      if (value === undefined || value === null) return []
      return typeof value === 'object' ? Object.keys(value) : undefined
    },
  }
}

function isWithin(path: Path, outer: Path): boolean {
  return path.length >= outer.length && outer.every((name, index) => name === path[index])
}

/** The value at a path; undefined if there is none. A value that is not a mapping is returned instead of its children. */
function readAt(data: unknown, path: Path): unknown {
  return path.reduce((value: unknown, name) => {
    if (typeof value !== 'object' || value === null) return value
    return Object.hasOwn(value, name) ? (value as Record<PropertyKey, unknown>)[name] : undefined
  }, data)
}

/** A key that is missing because it is mistyped is one mistake: the unknown key names it. */
function withoutMistyped(issues: readonly core.$ZodIssue[]): core.$ZodIssue[] {
  const meant = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => JSON.stringify([...issue.path, nearestKey(key, issue.message)]))
      : [],
  )
  return issues.filter(({ path }) => !meant.includes(JSON.stringify(path)))
}

/** `allowed` is the message of a mapping: `these keys: cidr, host_address`. */
const nearestKey = (key: string, allowed: string) => nearestTo(key, allowed.replace(/^.*: /, '').split(', '))

/** The value as written satisfies the rule, which would be puzzling: it is text that YAML reads as something else. */
function describeUnquoted(source: Source, schema: z.ZodType, { path }: core.$ZodIssue): Finding[] | undefined {
  const [value, written] = [readAt(source.data, path), source.written(path)]
  if (typeof value !== 'boolean' && typeof value !== 'number') return undefined
  if (!written || !isRight(schema, source.data, path, written)) return undefined
  const taken = typeof value === 'boolean' ? value : `the number ${value}`
  return [
    {
      where: source.place(path),
      given: givenAt(source, path),
      allowed: `text: without quotes YAML reads ${quote(written)} as ${taken}`,
      remedy: `put it in quotes: ${String(path.at(-1))}: "${quote(written)}"`,
    },
  ]
}

/** True if this text would be valid in place of the value. */
function isRight(schema: z.ZodType, data: unknown, path: Path, text: string): boolean {
  const changed = structuredClone(data)
  const parent = readAt(changed, path.slice(0, -1)) as Record<PropertyKey, unknown>
  parent[path.at(-1)!] = text
  return !schema.safeParse(changed).error?.issues.some((issue) => isWithin(path, issue.path))
}

function describeIssue(source: Source, issue: core.$ZodIssue): Finding[] {
  const { path, message: allowed } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknown(source, [...path, key], allowed))
  }
  if (issue.code === 'invalid_key') {
    const given = `${label(path.slice(0, -1))}: the key ${quote(path.at(-1))}`
    return [{ where: source.place(path, 'key'), given, allowed: issue.issues[0]?.message ?? allowed }]
  }
  return [{ where: source.place(path), given: givenAt(source, path), allowed }]
}

function describeUnknown(source: Source, path: Path, allowed: string): Finding {
  const key = String(path.at(-1))
  const kind = { children: 'group', lab_services: 'service' }[String(path.at(-2))] ?? 'key'
  const near = nearestKey(key, allowed)
  const finding = { where: source.place(path, 'key'), given: `unknown ${kind} ${quote(key)}`, allowed }
  return near ? { ...finding, remedy: `did you mean ${near}?` } : finding
}

function givenAt(source: Source, path: Path): string {
  const written = source.written(path)
  if (written === undefined) return `${label(path)} is missing`
  return `${label(path)}: ${written === '' ? 'nothing' : quote(written)}`
}

const label = (path: Path) => (path[0] === 'all' && path.length > 2 ? path.slice(2) : path).join('.')

/** One short line without control characters. */
function quote(value: unknown): string {
  const line = String(value).slice(0, 500).trim().replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '?')
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}
