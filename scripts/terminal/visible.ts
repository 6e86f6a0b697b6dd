/** Makes text from outside (names, log lines, answers) safe to show in a terminal. */

/** What a terminal acts on or does not show: controls, formats (direction, zero width), half pairs, other line ends. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `\x1b`, `\u202e`; what JSON leaves as it is becomes an escape of JSON, so that a document stays the same document. */
function spell(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return short[character] ?? `\\x${code.toString(16).padStart(2, '0')}`
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

/** As a part of one line. */
export function visible(text: string): string {
  return text.replaceAll(hidden, spell)
}

/** As lines of their own: line breaks and tabs stay. */
export function visibleLines(text: string): string {
  return text.replaceAll(hidden, (character) =>
    character === '\n' || character === '\t' ? character : spell(character),
  )
}

/** All that is text in plain data, as parts of lines; for who makes lines of it. The data itself stays exact. */
export function visibleIn<T>(data: T): T {
  const show = (value: unknown): unknown => {
    if (typeof value === 'string') return visible(value)
    if (Array.isArray(value)) return value.map(show)
    if (Object(value) !== value || Object.getPrototypeOf(value) !== Object.prototype) return value
    return Object.fromEntries(Object.entries(value as object).map(([key, one]) => [visible(key), show(one)]))
  }
  return show(data) as T
}
