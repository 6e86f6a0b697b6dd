/** One YAML file of the declaration: its plain data, and the position of every key and value. */

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLParseError } from 'yaml'
import type { Finding } from './errors.ts'
import { offsetOf, plainOf } from './plain-data.ts'
import { findRefusals } from './refusals.ts'

export type Path = readonly PropertyKey[]

export interface Source {
  /** Relative to the checkout. */
  file: string
  /** Undefined if the file is not a readable mapping. */
  data: Record<string, unknown> | undefined
  findings: readonly Finding[]
  /** `ansible-vars/hosts.yml:12:3`: of the value, of the key, or of the nearest enclosing element that exists. */
  place(path: Path, on?: 'key' | 'value'): string
  /** A value as written in the file: `yes`, not `true`; '' if its key has none, undefined without the key. */
  written(path: Path): string | undefined
}

const maximumBytes = 1_000_000

/** Reads and parses a file; whatever is wrong becomes a finding, nothing is thrown. */
export function readSource(root: string, file: string): Source {
  const text = readText(join(root, file), file)
  if (typeof text !== 'string') return emptySource(file, text)
  return parseSource(file, text)
}

function readText(path: string, where: string): string | Finding {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return { where, given: 'not a regular file', allowed: 'a YAML file' }
    if (stat.size > maximumBytes) return { where, given: `${stat.size} bytes`, allowed: 'a YAML file of up to 1 MB' }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return missingFile(where)
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { where, given: 'not UTF-8', allowed: 'UTF-8 text' }
    return { where, given: `cannot be read (${code ?? error})`, allowed: 'a YAML file that you may read' }
  }
}

function missingFile(where: string): Finding {
  return { where, given: 'no such file', allowed: 'a YAML file', remedy: `restore it: git checkout -- ${where}` }
}

/** The same from text. */
export function parseSource(file: string, text: string): Source {
  // They are not text, and would be mistaken for the lexer's own marks.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text)
  if (control) {
    const line = text.slice(0, control.index).split('\n').length
    return emptySource(file, { where: `${file}:${line}`, given: 'a control character', allowed: 'plain text' })
  }
  try {
    return parseText(file, text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return emptySource(file, { where: file, ...tooDeep })
  }
}

const tooDeep = { given: 'brackets or lists nested too deeply', allowed: 'at most five levels of mappings' }

function emptySource(file: string, finding: Finding): Source {
  return { file, data: undefined, findings: [finding], place: () => file, written: () => undefined }
}

function parseText(file: string, text: string): Source {
  const lines = new LineCounter()
  // 1.1 as Ansible reads it (`yes` is true). Repeated keys are looked for below: the parser's own search is quadratic.
  const document = parseDocument(text, {
    version: '1.1',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'error',
  })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
  const findings: Finding[] = findRefusals(text).map(({ offset, ...finding }) => ({ where: at(offset), ...finding }))
  findings.push(...document.errors.flatMap((error) => describeError(error, at(error.pos[0]))))
  const data = plainOf(document.contents, (offset, finding) => findings.push({ where: at(offset), ...finding }))
  const isMapping = isMap(document.contents)
  if (!isMapping && findings.length === 0) {
    const given = data === null || data === undefined ? 'an empty file' : 'not a mapping'
    findings.push({ where: at(offsetOf(document.contents) ?? 0), given, allowed: 'lines of the form "key: value"' })
  }
  return {
    file,
    data: isMapping && document.errors.length === 0 ? (data as Record<string, unknown>) : undefined,
    findings: firstOfEachLine(findings),
    place: (path, on = 'value') => at(offsetAt(document, path, on)),
    written: (path) => writtenAt(document, path, text),
  }
}

/** The parser's errors for a line that is indented too much or too little. */
const indentation = ['BAD_INDENT', 'BLOCK_AS_IMPLICIT_KEY', 'MULTILINE_IMPLICIT_KEY', 'MISSING_CHAR']

function describeError({ code, message }: YAMLParseError, where: string): Finding[] {
  // A quote that is not closed is seen at the end of the file only; findRefusals says where it was opened.
  if (/^Missing closing .quote/.test(message)) return []
  // The parser catches some of its own overflows; the rest is caught in parseSource.
  if (message.includes('call stack')) return [{ where, ...tooDeep }]
  if (code === 'MULTIPLE_DOCS') return [{ where, given: 'a second document (---)', allowed: 'one document per file' }]
  const hint = indentation.includes(code) ? ' (check the indentation of this line and the next)' : ''
  return [{ where, given: message.replace(/\.$/, ''), allowed: `valid YAML${hint}` }]
}

/** File and line of a finding. */
export function lineOf({ where }: Finding): string {
  return where.split(':').slice(0, 2).join(':')
}

/** One mistake often gives several findings on its line: the first is the clearest. */
function firstOfEachLine(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter((finding) => !seen.has(lineOf(finding)) && seen.add(lineOf(finding)))
}

/** An item of a list is its own key. */
function childOf(node: unknown, name: PropertyKey): Pair | undefined {
  if (isMap(node)) return node.items.find(({ key }) => isScalar(key) && key.value === name)
  const item = isSeq(node) && typeof name === 'number' ? node.items[name] : undefined
  return item === undefined ? undefined : ({ key: item, value: item } as Pair)
}

function pairAt(document: Document, path: Path): Pair | undefined {
  let node: unknown = document.contents
  let pair: Pair | undefined
  for (const name of path) {
    pair = childOf(node, name)
    if (!pair) return undefined
    node = pair.value
  }
  return pair
}

function offsetAt(document: Document, path: Path, on: 'key' | 'value'): number {
  if (path.length === 0) return offsetOf(document.contents) ?? 0
  const pair = pairAt(document, path)
  if (!pair) return offsetAt(document, path.slice(0, -1), 'key')
  const empty = isScalar(pair.value) && pair.value.source === ''
  return (on === 'value' && !empty ? offsetOf(pair.value) : undefined) ?? offsetOf(pair.key) ?? 0
}

function writtenAt(document: Document, path: Path, text: string): string | undefined {
  const pair = pairAt(document, path)
  if (!pair) return undefined
  const range = (pair.value as { range?: readonly [number, number] } | null)?.range
  return range ? text.slice(range[0], range[1]) : ''
}
