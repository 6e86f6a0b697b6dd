/**
 * The differences in a file on a node, key by key: the current value and the declared one. Pure; secrets are masked.
 */

import { renderContent } from '../../engine/ini.ts'
import { mask } from '../../engine/run-operations.ts'
import type { IniContent } from '../../engine/service.ts'

export interface KeyDifference {
  /** `[DEFAULT] debug`, or `line 12` of a file without keys. */
  key: string
  /** Null if it is missing there. */
  now: string | null
  wanted: string | null
}

/** Section and key -> values, in the order of the file. Other lines are skipped, as oslo does. */
export function parseIni(text: string): Map<string, string[]> {
  const keys = new Map<string, string[]>()
  let section = ''
  for (const line of text.split('\n')) {
    const head = /^\[([^\]]+)\]\s*$/.exec(line)
    if (head) section = head[1]!
    const [, key, value] = /^([^#;[=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (key === undefined) continue
    const name = `[${section}] ${key}`
    keys.set(name, [...(keys.get(name) ?? []), value ?? ''])
  }
  return keys
}

export function differingKeys(now: string, content: IniContent | string, secrets: readonly string[]): KeyDifference[] {
  const wanted = renderContent(content)
  const found = typeof content === 'string' ? differingLines(now, wanted) : differingOptions(now, wanted)
  const hide = (text: string | null) => (text === null ? null : mask(text, secrets))
  return found.map(({ key, ...values }) => {
    const shown = { key, now: hide(values.now), wanted: hide(values.wanted) }
    // Secrets on one or both sides: only that they differ may be shown.
    const hidden = shown.wanted !== values.wanted || shown.now !== values.now
    return hidden && shown.now !== null ? { ...shown, now: '*** (a different value)' } : shown
  })
}

function differingOptions(now: string, wanted: string): KeyDifference[] {
  const [here, there] = [parseIni(now), parseIni(wanted)]
  const text = (values: string[] | undefined) => (values ? values.join(', ') : null)
  const keys = [...new Set([...there.keys(), ...here.keys()])]
  const found = keys
    .map((key) => ({ key, now: text(here.get(key)), wanted: text(there.get(key)) }))
    .filter(({ now: a, wanted: b }) => a !== b)
  // Only comments or spaces differ: the file is rewritten anyway.
  return found.length > 0 ? found : differingLines(now, wanted)
}

/** Lines that only one side has: enough to recognize an edit; not a full diff. */
function differingLines(now: string, wanted: string): KeyDifference[] {
  const [here, there] = [now.split('\n'), wanted.split('\n')]
  return [
    ...here.flatMap((line, index) =>
      there.includes(line) ? [] : [{ key: `line ${index + 1}`, now: line, wanted: null }],
    ),
    ...there.flatMap((line, index) =>
      here.includes(line) ? [] : [{ key: `line ${index + 1}`, now: null, wanted: line }],
    ),
  ]
}
