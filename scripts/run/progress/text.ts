/** Makes text of other programs fit into one line of our output. */

import { stripVTControlCharacters } from 'node:util'

/** The last line of it, without colours and without anything that a terminal would act on. */
export function cleanLine(text: string): string {
  const last = stripVTControlCharacters(text)
    .split(/[\r\n]+/)
    .filter((line) => line.trim())
    .at(-1)
  return (last ?? '').replaceAll(/\p{C}/gu, ' ').trim()
}
