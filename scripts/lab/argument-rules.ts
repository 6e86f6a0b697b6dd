/** What arguments of a command exclude each other, need each other, or must look like: refused before anything is done. */

import { checkSaveName } from '../checkpoint/saves.ts'
import { parseChecksum } from '../cloud/checksum.ts'
import { type Finding, LabError, UsageError } from '../declaration/errors.ts'
import { checkSource } from '../image/given-image.ts'
import { parseSince } from '../insight/logs/since.ts'
import { parsePattern } from '../tempest/selection.ts'
import { expectLogin, expectStudents } from './class-arguments.ts'
import { parsePort } from './forwarded-ports.ts'
import { checkImageName } from './image-name.ts'
import { parseCondition, parseTimeout } from './wait-arguments.ts'
import { parseDelay, parseLoss, parseRate, parseSize, parseTime } from './wire-arguments.ts'

/** Options by their flag, words by their name in the help. */
export interface ArgumentRules {
  /** At most one of each list. */
  alone?: readonly (readonly string[])[]
  /** An option, and those of which one must stand with it. */
  needs?: Readonly<Record<string, readonly string[]>>
  /** Throws LabError for a value that cannot be one. */
  values?: Readonly<Record<string, (value: string) => unknown>>
  /** A first word with which nothing may stand but these. */
  words?: Readonly<Record<string, readonly string[]>>
}

const expectChecksum = (value: string) => {
  const parsed = parseChecksum(value)
  if (parsed && 'given' in parsed) throw new UsageError([{ where: '--checksum', ...parsed }])
}

const expectLabId = (value: string) => {
  if (/^[0-9a-f]{8}$/.test(value)) return
  const allowed = 'the id of a lab: 8 hex digits, as in .lab/lab.json'
  throw new UsageError([{ where: './lab down --id', given: value, allowed, remedy: './lab doctor --host' }])
}

const expectConcurrency = (value: string) => {
  if (/^([1-9]|1[0-6])$/.test(value)) return
  throw new UsageError([{ where: './lab tempest --concurrency', given: value, allowed: 'a number from 1 to 16' }])
}

const expectState = (value: string) => {
  if (value === 'on' || value === 'off') return
  throw new UsageError([{ where: './lab debug', given: value, allowed: 'on, off', remedy: './lab debug --help' }])
}

export const argumentRules: Readonly<Record<string, ArgumentRules>> = {
  up: { alone: [['--evict', '--rebuild']], needs: { '--yes': ['--rebuild'] } },
  tempest: {
    alone: [
      ['TESTS', '--cleanup'],
      ['--concurrency', '--cleanup'],
      ['--json', '--cleanup'],
      ['--junit', '--cleanup'],
    ],
    values: { '--concurrency': expectConcurrency, TESTS: parsePattern },
  },
  down: { values: { '--id': expectLabId } },
  save: { values: { NAME: checkSaveName } },
  restore: { values: { NAME: checkSaveName } },
  export: { values: { NAME: checkSaveName } },
  status: { alone: [['--project', '--watch']] },
  plan: { alone: [['--json', '--svg']] },
  verify: {
    alone: [
      ['--quick', '--volumes'],
      ['--now', '--booting'],
      ['--now', '--volumes'],
    ],
  },
  wait: { values: { '--for': parseCondition, '--timeout': parseTimeout } },
  doctor: { alone: [['--host', '--fix']] },
  trace: {
    alone: [
      ['SERVER', '--launch'],
      ['SERVER', '--drill'],
      ['SERVER', '--floating-ip'],
      ['--floating-ip', '--launch'],
      ['--floating-ip', '--drill'],
      ['--json', '--mermaid', '--html'],
    ],
    needs: { '--keep': ['--launch', '--drill'], '--network': ['--launch', '--drill'] },
  },
  topology: {
    alone: [
      ['--json', '--svg', '--html'],
      ['--path', '--svg'],
      ['--path', '--html'],
    ],
  },
  capture: {
    alone: [['--output', '--live', '--fields']],
    needs: { '--size': ['--output'] },
    values: { '--for': parseTime('capture'), '--size': parseSize },
  },
  impair: {
    alone: ['--rate', '--delay', '--loss', '--for'].map((one) => [one, '--off']),
    values: { '--rate': parseRate, '--delay': parseDelay, '--loss': parseLoss, '--for': parseTime('impair') },
  },
  logs: {
    values: { '--since': parseSince },
    words: { export: ['--output'] },
    needs: { '--output': ['export'] },
  },
  image: { values: { '--checksum': expectChecksum, SOURCE: checkSource, NAME: checkImageName } },
  open: { values: { '--port': parsePort, '--console-port': parsePort } },
  exercise: {
    words: {
      list: ['--lang', '--json'],
      hint: ['--lang', '--json'],
      check: ['--lang', '--json'],
      solve: ['--lang', '--json'],
      stop: ['--lang', '--json'],
    },
  },
  debug: { values: { STATE: expectState } },
  patch: {
    alone: [
      ['--list', '--revert'],
      ['--list', 'FILE'],
    ],
  },
  class: {
    words: {
      create: ['--students', '--csv', '--json'],
      list: ['--json'],
    },
    needs: { '--yes': ['reset', 'remove'], '--students': ['create'], '--csv': ['create'] },
    values: { '--students': expectStudents, STUDENT: expectLogin },
  },
  console: { values: { '--port': parsePort } },
}

/** What was given, by flag or name of the word; a switch has no value. */
export type Given = ReadonlyMap<string, string | undefined>

/** Everything that these rules refuse. `words` are all that stand without a flag. */
export function applyRules(command: string, given: Given, words: readonly string[]): Finding[] {
  const { alone = [], needs = {}, values = {}, words: own = {} } = argumentRules[command] ?? {}
  const where = `./lab ${command}`
  const remedy = `${where} --help`
  const has = (one: string) => given.has(one) || words.includes(one)
  const together = alone.flatMap((list) => {
    const found = list.filter(has)
    return found.length > 1
      ? [{ where, given: found.join(' with '), allowed: `one of ${list.join(', ')}`, remedy }]
      : []
  })
  const lacking = Object.entries(needs).flatMap(([one, others]) =>
    has(one) && !others.some(has)
      ? [{ where, given: `${one} alone`, allowed: `${one} with ${others.join(' or ')}`, remedy }]
      : [],
  )
  const wrong = Object.entries(values).flatMap(([one, check]) => refusedBy(check, given.get(one)))
  const beside = Object.entries(own).flatMap(([word, allowed]) => {
    const others = [...words, ...[...given.keys()].filter((one) => one.startsWith('--'))]
    const odd = others.filter((one) => one !== word && !allowed.includes(one))
    return words.includes(word) && odd.length > 0
      ? [
          {
            where,
            given: `${word} with ${odd.join(', ')}`,
            allowed: `${word} alone, or with ${allowed.join(', ')}`,
            remedy,
          },
        ]
      : []
  })
  return [...together, ...lacking, ...wrong, ...beside]
}

function refusedBy(check: (value: string) => unknown, value: string | undefined): readonly Finding[] {
  try {
    if (value !== undefined) check(value)
    return []
  } catch (error) {
    if (error instanceof LabError) return error.findings
    throw error
  }
}
