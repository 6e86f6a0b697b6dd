/** Which tests a run is about: one of the committed lists, or a pattern over the full names. */

import { UsageError } from '../declaration/errors.ts'
import { type ListName, listNames, readList } from './expectations.ts'

/** A test: its name, and the full name with its id and attributes, by which Tempest is told. */
export interface Test {
  name: string
  full: string
}

export const nameOf = (full: string): string => full.replace(/\[.*$/, '')

const where = './lab tempest'

/** Throws UsageError for a word that is neither a list nor a regular expression. */
export function parsePattern(word: string): RegExp {
  try {
    return new RegExp(word)
  } catch (error) {
    const allowed = `${listNames.join(', ')}, or a regular expression over the names of the tests`
    throw new UsageError([{ where, given: `${word}: ${(error as Error).message}`, allowed }])
  }
}

const isList = (word: string): word is ListName => (listNames as readonly string[]).includes(word)

/** `all`: every full name that Tempest has. Throws UsageError where nothing is left, or a list names what is not there. */
export function selectTests(word: string, all: readonly string[]): Test[] {
  const tests = all.map((full) => ({ name: nameOf(full), full })).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (!isList(word)) {
    const pattern = parsePattern(word)
    const found = tests.filter(({ full }) => pattern.test(full))
    if (found.length > 0) return found
    const remedy = `${where} 'tempest.api.compute.flavors'`
    throw new UsageError([{ where, given: `no test's name matches ${word}`, allowed: 'a part of a name', remedy }])
  }
  const byName = new Map(tests.map((test) => [test.name, test]))
  const names = [...readList(word).keys()]
  const unknown = names.filter((name) => !byName.has(name))
  if (unknown.length > 0) throw new Error(`this Tempest has no ${unknown.join(', ')}`)
  return names.map((name) => byName.get(name)!)
}

/** `compute`, `network`, `scenario`: of `tempest.api.compute.…` and `tempest.scenario.…`. */
export function serviceOfTest(name: string): string {
  const [, kind = '', service = ''] = name.split('.')
  return kind === 'api' ? service.replaceAll('_', ' ') : kind
}
