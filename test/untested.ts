/**
 * `npm run untested`: files that no test of their folder imports, by folder. Files that are only imported by other
 * files have no test of their own; files that are never imported are run by no unit test.
 */

import { readFileSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { execaSync } from 'execa'

const root = resolve(import.meta.dirname, '..')
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

/** As they are in the working tree, new ones included. */
export const filesOf = (...folders: string[]) =>
  execaSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate', ...folders], { cwd: root })
    .stdout.split('\n')
    .filter((file) => /\.(ts|mjs|cjs|py|sh)$/.test(file))

const importPattern = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g

export const importsOf = (file: string) =>
  [...textOf(file).matchAll(importPattern)].map(([, path]) => join(dirname(file), path!))

const roomOf = (file: string) => file.split('/').slice(0, 2).join('/')

/** A program in another language is found by its name in a file of its room: alone, in quotes, or as a module. */
function isNamedIn(text: string, file: string): boolean {
  const name = basename(file, extname(file))
  return new RegExp(`\\b${name}\\${extname(file)}\\b|['"]${name}['"]|^(?:from|import) ${name}\\b`, 'm').test(text)
}

export interface Reach {
  files: readonly string[]
  /** A test imports it, or names its path. */
  own: ReadonlySet<string>
  /** Imported or named by a test, or by a file that is itself found. */
  found: ReadonlySet<string>
}

export function readReach(): Reach {
  const files = filesOf('scripts', 'stacks', 'main.ts', 'env.cjs')
  // rooms.test.ts names the files that no test finds.
  const elsewhere = /^test\/(e2e|faults|hosts|harness|rooms\.test\.ts)/
  const tests = filesOf('test').filter((file) => !elsewhere.test(file))
  const texts = tests.map(textOf).join('\n')
  const imported = new Set(tests.flatMap(importsOf))
  const own = new Set(files.filter((file) => imported.has(file) || texts.includes(file)))
  const found = new Set(own)
  const programs = files.filter((file) => !file.endsWith('.ts'))
  for (const file of found) {
    const text = textOf(file)
    for (const one of importsOf(file)) if (files.includes(one)) found.add(one)
    for (const one of programs) if (roomOf(one) === roomOf(file) && isNamedIn(text, one)) found.add(one)
  }
  return { files, own, found }
}

/** `scripts/cloud  14 of 24 have a test; only through others: ask, …; by no unit test: …` */
function showReach({ files, own, found }: Reach): string {
  const rooms = [...new Set(files.map((file) => dirname(file)))]
  const names = (all: readonly string[]) => all.map((file) => basename(file)).join(', ')
  const lines = rooms.map((room) => {
    const inside = files.filter((file) => dirname(file) === room)
    const through = inside.filter((file) => !own.has(file) && found.has(file))
    const none = inside.filter((file) => !found.has(file))
    const rest = [
      through.length > 0 ? `  only through others: ${names(through)}` : '',
      none.length > 0 ? `  by no unit test: ${names(none)}` : '',
    ]
    return [`${room}: ${inside.length - through.length - none.length} of ${inside.length} have a test`, ...rest]
  })
  return lines.flat().filter(Boolean).join('\n')
}

if (process.argv[1] === import.meta.filename) console.log(showReach(readReach()))
