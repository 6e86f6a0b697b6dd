/** `--verbose`: shows every command that runs on this machine or on a node. */

import { tell } from '../../terminal/print.ts'

/** In the environment, so that the programs which Terraform starts know it too. */
const variable = 'DUOSTACK_VERBOSE'

let write = tell
let hidden: readonly string[] = []

export const isVerbose = (): boolean => process.env[variable] === '1'

/** For this process and all that it starts. */
export function beVerbose(): void {
  process.env[variable] = '1'
}

/** Where the lines go from now on. */
export function traceTo(sink: (line: string) => void): void {
  write = sink
}

/** Values that are never shown. */
export function hideInTrace(secrets: readonly string[]): void {
  hidden = secrets.filter((secret) => secret.length >= 8)
}

/** Shows a command where it is asked for: `  + controller: systemctl restart glance-api.service`. */
export function trace(where: string, command: string): void {
  if (!isVerbose()) return
  const masked = hidden.reduce((text, secret) => text.replaceAll(secret, '***'), command)
  write(`  + ${where}: ${shorten(masked)}`)
}

/** A file's content that is sent to a node: a secret in it is encoded and cannot be masked. */
const isEncoded = (text: string) => /^[A-Za-z0-9+/=\s]*$/.test(text)

/** In one line; what a here-document carries is only counted where it is long, or encoded. */
function shorten(command: string): string {
  const short = command.replaceAll(/<<'(\w+)'\n([\s\S]*?)\n\1(?=\n|$)/g, (whole, end: string, text: string) =>
    text.length > 120 || isEncoded(text) ? `<<'${end}' (${text.length} characters)` : whole,
  )
  return short
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('; ')
}
