/** Hostile text as a tenant may choose it, and data with such text in all its strings. */

import fc from 'fast-check'

/** Each affects a terminal, or looks like something else. */
const pieces = [
  '\u001b]0;title\u0007',
  '\u001b[2J\u001b[H',
  '\u001b\u001b[0m[31m',
  '\u001b[\u001b[0m0m',
  '\u009b31m',
  '\u001bP1$r\u001b\\',
  '\r',
  '\n  ✓ all is well',
  '\n',
  '\b\b',
  '\u0000',
  '\t',
  '\u007f',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u2028',
  '\u{e0041}',
  '\ud800',
  '\u001b[31m',
  '\u001b[0m',
]
const words = ['test', '서버', 'ÅÄÖ', '🙂', '$(touch x)', '`id`', "'", '"', '<b>', '&lt;']

/** Always contains something that must not be printed. */
export const hostileText = fc
  .tuple(
    fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 4 }),
    fc.constantFrom(...pieces),
    fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 4 }),
  )
  .map(([before, one, after]) => [...before, one, ...after].join(''))

/** The same data, with the text appended to each string. */
export function infest<T>(data: T, text: string): T {
  if (typeof data === 'string') return `${data}${text}` as T
  if (Array.isArray(data)) return data.map((one) => infest(one, text)) as T
  if (Object(data) !== data || Object.getPrototypeOf(data) !== Object.prototype) return data
  return Object.fromEntries(Object.entries(data as object).map(([key, one]) => [key, infest(one, text)])) as T
}

/** What must never reach a terminal, except line breaks between our own lines. */
export const raw = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** No control characters, and as many lines as harmless text gives. */
export function faultsOf(shown: string, harmless: string): string[] {
  const lines = shown.split('\n')
  const wanted = harmless.split('\n').length
  return [
    ...lines.filter((line) => raw.test(line)).map((line) => `raw: ${JSON.stringify(line)}`),
    ...(lines.length === wanted ? [] : [`${lines.length} lines instead of ${wanted}`]),
  ]
}
