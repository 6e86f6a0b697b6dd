/**
 * Rejects arguments that a command does not know and suggests the nearest one, so that a mistyped option is never
 * ignored.
 */

import { type Finding, UsageError } from '../declaration/errors.ts'
import { nearestTo } from '../declaration/nearest.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { applyRules } from './argument-rules.ts'
import type { Entry } from './command-entry.ts'
import { shownCommands } from './commands.ts'
import type { Option, Usage } from './usage.ts'

/** What people say to the OpenStack client first. */
const clientWords = new Set(
  `catalog compute endpoint flavor floating hypervisor keypair network port project quota role router security server
  service stack subnet token user volume`.split(/\s+/),
)

/** A word where a command was expected. */
export function unknownCommand(name: string, words: readonly string[] = []): UsageError {
  const known = shownCommands().map(([one]) => one)
  const help = './lab --help'
  const given = `no command ${JSON.stringify(name)}`
  const near = clientWords.has(name)
    ? `./lab openstack ${[name, ...words].map(shellQuote).join(' ')}`
    : (nearestTo(name, [...known, '--help', '--version']) ?? longOf(name, ['--help', '--version']))
  return new UsageError([{ where: './lab', given, allowed: known.join(', '), remedy: hint(near, help) }])
}

const unexpected = (where: string, word: string, allowed: string, remedy: string): Finding => ({
  ...{ where, given: `unexpected argument ${JSON.stringify(word)}`, allowed, remedy },
})

/** After the command of `./lab help`. */
export const unexpectedWord = (where: string, word: string): UsageError =>
  new UsageError([unexpected(where, word, 'one command', './lab --help')])

/**
 * A command whose arguments belong to another program, but that needs one. `nodes` are the lab's names, where the first
 * argument is one of them and there is a lab.
 */
export function checkPassthrough(
  name: string,
  { passthrough = '' }: Entry,
  rawArgs: readonly string[],
  nodes: readonly string[] = [],
): void {
  const words = rawArgs[0] === '--' ? rawArgs.slice(1) : rawArgs
  const [, wanted] = /^(?:-- )?([A-Z]+)/.exec(passthrough) ?? []
  const [word] = words
  const where = `./lab ${name}`
  const help = `${where} --help`
  if (word && nodes.length > 0 && !nodes.includes(word))
    throw new UsageError([refusal(where, `no node ${JSON.stringify(word)}`, word, nodes, help)])
  if (!wanted || word) return
  const allowed = nodes.length > 0 ? `${wanted}: ${nodes.join(', ')}` : `${where} ${passthrough}`
  throw new UsageError([{ where, given: `no ${wanted}`, allowed, remedy: help }])
}

const hint = (near: string | undefined, help: string) => (near ? `did you mean ${near}?  (${help})` : help)

/** `-v` -> `--version`: options have no short names here, but people know them from elsewhere. */
const longOf = (short: string, flags: readonly string[]) =>
  /^-[a-zA-Z]$/.test(short) ? flags.find((flag) => flag.startsWith(`-${short.toLowerCase()}`)) : undefined

function refusal(where: string, given: string, word: string, known: readonly string[], help: string): Finding {
  // `nova-api`, as the logs name it, belongs to nova.
  const near = known.find((one) => word.startsWith(`${one}-`)) ?? nearestTo(word, known) ?? longOf(word, known)
  return { where, given, allowed: known.join(', ') || 'no options', remedy: hint(near, help) }
}

/** With the values of options spelled as they are known: `--level error` is `--level ERROR`. */
export function spellChoices({ options }: Usage, rawArgs: readonly string[]): string[] {
  const spell = (flag: string, value: string) => {
    const choices = options.find((one) => one.flag === flag)?.choices ?? []
    return choices.find((one) => one.toLowerCase() === value.toLowerCase()) ?? value
  }
  return rawArgs.map((arg, index) => {
    const [flag, inline] = splitOnce(arg)
    return inline === undefined ? spell(rawArgs[index - 1] ?? '', arg) : `${flag}=${spell(flag, inline)}`
  })
}

/** Throws one UsageError with everything that is wrong. */
export function checkArguments(usage: Usage, rawArgs: readonly string[]): void {
  const where = `./lab ${usage.name}`
  const help = `${where} --help`
  const findings: Finding[] = []
  const words: string[] = []
  const given = new Map<string, string | undefined>()
  for (let index = 0; index < rawArgs.length; index++) {
    const arg = rawArgs[index]!
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg)
      continue
    }
    const [flag = '', inline] = splitOnce(arg)
    const option = usage.options.find((one) => one.flag === flag)
    if (!option) {
      const flags = usage.options.map((one) => one.flag)
      findings.push(refusal(where, `unknown option ${flag}`, flag, flags, help))
      continue
    }
    if (option.value === undefined) {
      given.set(flag, undefined)
      if (inline !== undefined) findings.push({ where, given: arg, allowed: `${flag} without a value`, remedy: help })
      continue
    }
    const value = inline ?? rawArgs[++index]
    if (given.has(flag)) findings.push({ where, given: `${flag} twice`, allowed: `${flag} once`, remedy: help })
    given.set(flag, value)
    findings.push(...checkValue(where, help, option, value))
  }
  findings.push(...checkWords(usage, words, where, help))
  for (const { flag, value, required, description } of usage.options) {
    if (required && !given.has(flag))
      findings.push({ where, given: `no ${flag}`, allowed: `${flag} ${value}: ${description}`, remedy: help })
  }
  for (const [index, { name }] of usage.words.entries()) if (words.length > index) given.set(name, words[index])
  // What is no argument at all has no rules.
  if (findings.length === 0) findings.push(...applyRules(usage.name, given, words))
  if (findings.length > 0) throw new UsageError(findings)
}

function splitOnce(arg: string): [string, string?] {
  const at = arg.indexOf('=')
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)]
}

function checkValue(where: string, help: string, option: Option, value: string | undefined): Finding[] {
  const { flag, choices } = option
  const allowed = choices.join(', ') || `a value: ${flag} ${option.value}`
  if (!value || (value.startsWith('-') && value !== '-')) {
    return [{ where, given: `${flag} without a value`, allowed, remedy: help }]
  }
  if (choices.length === 0 || choices.includes(value)) return []
  return [refusal(where, `${flag} ${value}`, value, choices, help)]
}

function checkWords({ words, entry }: Usage, given: readonly string[], where: string, help: string): Finding[] {
  const most = words.length ? `at most ${words.length}` : 'only options'
  const extra = entry.repeats ? [] : given.slice(words.length)
  const findings = extra.map((word) => unexpected(where, word, most, help))
  for (const [index, { name, required, choices, description }] of words.entries()) {
    const own = entry.repeats && index === words.length - 1 ? given.slice(index) : given.slice(index, index + 1)
    if ((own.length === 0 && required) || own.includes('')) {
      const allowed = choices.join(', ') || (description ? `${name}: ${description}` : name)
      const remedy = name === 'SERVER' ? './lab openstack server list --all-projects' : help
      findings.push({ where, given: `no ${name}`, allowed, remedy })
    }
    const wrong = own.filter((word) => choices.length > 0 && !choices.includes(word))
    findings.push(...wrong.map((word) => refusal(where, `${name} ${word}`, word, choices, help)))
  }
  return findings
}
