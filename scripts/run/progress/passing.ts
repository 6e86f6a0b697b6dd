/** What a program started by Terraform says it is doing right now: shown next to its step and not kept. */

import { print } from '../../terminal/print.ts'

const variable = 'DUOSTACK_PASSING'

/** In the environment of a Terraform whose events are shown live. */
export const passingLines: Readonly<Record<string, string>> = { [variable]: '1' }

let last = ''

/** Prints it once if it is shown live; in a plain Terraform log it would only be noise. */
export function sayPassing(text: string): void {
  if (process.env[variable] !== '1' || text === last) return
  last = text
  print(`  … ${text}`)
}
