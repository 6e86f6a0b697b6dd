/**
 * The gallery of errors: each is triggered for real, and its text is kept as a file, because it is part of the product.
 */

import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'vitest'
import { CommandError, ConnectError, expectedError, LabError, NotReadyError } from '../../scripts/declaration/errors.ts'

const kinds = { LabError, ConnectError, CommandError, NotReadyError }
export type Kind = keyof typeof kinds

/** What the text of each kind must contain, so that the reader knows what to do next. */
const promises: Readonly<Record<Kind, readonly RegExp[]>> = {
  // Where, what was given, what is allowed.
  LabError: [/^\S.*: .+\n {4}(expected|hint): \S/],
  // Which node, why, and the command to get in.
  ConnectError: [/^\S+: no connection: \S/, /\n {4}try: \S/],
  // Where, which step, exit code, the command to paste, its output.
  CommandError: [/^\S+: .+: exit code \d+\n/, /\n {4}command: \S/, /\n {4}\S/],
  // What was waited for and how long, the last answer, where to look.
  NotReadyError: [/^not ready after \d+ s: \S/, /\n {4}last answer: \S/, /\n {4}look at: \S/],
}

const root = resolve(import.meta.dirname, '../..')

/** What differs between runs and between machines. */
const passing: readonly (readonly [RegExp | string, string])[] = [
  [root, '<checkout>'],
  [new RegExp(`${tmpdir()}/duostack-[a-z]+-\\w{6}`, 'g'), '<folder>'],
  [/(127\.0\.0\.1\]?[: ]|-p |port )\d{4,5}\b/g, '$1<port>'],
  [/\(process \d+/g, '(process <pid>'],
  [/20\d\d-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
]

export interface Exhibit {
  kind: Kind
  /** What happened, in words; also the file's name. */
  name: string
  trigger: () => unknown
  /** Other parts that differ between runs. */
  replace?: readonly (readonly [RegExp | string, string])[]
}

async function errorOf(trigger: () => unknown): Promise<unknown> {
  try {
    await trigger()
  } catch (error) {
    return error
  }
  throw new Error('nothing was refused')
}

/** One test for each: right kind, everything required, no stack trace, and the same text as in the file. */
export function exhibit({ kind, name, trigger, replace = [] }: Exhibit): void {
  // The test's own expect, so that tests that only wait can run in parallel.
  test(`${kind}: ${name}`, async ({ expect }) => {
    const error = await errorOf(trigger)
    const shown = expectedError(error)
    expect(shown, String((error as Error).stack)).toBeInstanceOf(kinds[kind])
    const text = [...replace, ...passing].reduce((rest, [what, by]) => rest.replaceAll(what, by), shown!.message)
    for (const promise of promises[kind]) expect(text).toMatch(promise)
    expect(text).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
    const file = `${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.txt`
    await expect(`${text}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'gallery', kind, file))
  })
}
