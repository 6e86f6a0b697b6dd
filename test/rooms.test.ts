/** The rooms of the tests: what the suites on real labs share is the harness, and none of them is another one's. */

import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const suites = ['e2e', 'faults', 'hosts']

const filesOf = (...folders: string[]) =>
  execaSync('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate', ...folders], { cwd: root }).stdout.split(
    '\n',
  )

const importPattern = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(importPattern)].map(([, path]) => join(dirname(file), path!))
}

const suiteOf = (file: string) => suites.find((suite) => file.startsWith(`test/${suite}/`))

test('a suite imports nothing of another suite, and what they share, bench too, nothing of any', () => {
  const files = filesOf('test/harness', 'bench', ...suites.map((suite) => `test/${suite}`))
  const edges = files.filter((file) => file.endsWith('.ts')).flatMap((file) => importsOf(file).map((to) => [file, to]))
  expect(edges.length).toBeGreaterThan(200)
  expect(edges.filter(([file, to]) => suiteOf(to!) && suiteOf(to!) !== suiteOf(file!))).toEqual([])
})
