/** All output to the terminal goes through here, without control characters except line breaks and our own colors. */

import { ownColours } from './colour.ts'
import { visibleLines } from './visible.ts'

/** Who makes a line of something from outside shows it by `visible`; this is for what was forgotten. */
export function safe(text: string): string {
  const colours = text.match(ownColours) ?? []
  return text
    .split(ownColours)
    .map((part, index) => `${visibleLines(part)}${colours[index] ?? ''}`)
    .join('')
}

/** A command's own answer, on stdout. */
export function print(text: string): void {
  console.log(safe(text))
}

/** What is said beside it, on stderr. */
export function tell(text: string): void {
  console.error(safe(text))
}
