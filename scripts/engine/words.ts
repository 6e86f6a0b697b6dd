/** What an operation does, in words: while it is being done, and afterwards. */

import type { Change, Kind, Subject } from './operation.ts'

/** What a title begins with -> the words in its place. */
type Words = readonly [RegExp, doing: string, done: string]

const inKeystone: Words = [/^keystone (no )?(\w+) /, 'Keystone: changing $2 ', 'Keystone: changed $2 ']

const words: Partial<Readonly<Record<Kind, Words>>> = {
  database: [/^/, 'creating ', 'created '],
  domain: inKeystone,
  project: inKeystone,
  role: inKeystone,
  user: inKeystone,
  service: inKeystone,
  endpoint: inKeystone,
  packages: [/^/, 'installing ', 'installed '],
  file: [/^file /, 'writing ', 'wrote '],
  directory: [/^/, 'creating ', 'created '],
  'unit-enabled': [/^enabled /, 'enabling ', 'enabled '],
  'unit-files': [/^.*$/, 'reloading systemd', 'reloaded systemd'],
  'unit-running': [/^running /, 'starting ', 'started '],
  'unit-absent': [/^not running /, 'stopping ', 'stopped '],
  check: [/^ready: /, 'waiting until ', ''],
}

/** Whether it is needed is looked at first. */
export function describeDoing({ kind, title }: Subject): string {
  const [pattern, doing] = words[kind] ?? [/^/, '']
  return title.replace(pattern, doing)
}

export function describeDone({ kind, title, reason }: Change): string {
  const [pattern, , done] = words[kind] ?? [/^/, '', '']
  const made = reason === 'is missing' ? done.replace('changed', 'created') : done
  const verb = title.startsWith('keystone no ') ? made.replace(/changed|created/, 'removed') : made
  return title.replace(pattern, verb)
}

/** Why it was done, which no longer holds. */
export const describeReason = ({ reason }: Change): string => reason.replace(/^((?:\S+: )?)is /, '$1was ')
