/**
 * Carries this process's environment through sudo: in a file that only the user can read, never in an argument list.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

export interface CarriedEnvironment {
  /** What to put before the program: a shell that takes the environment over and becomes the program. */
  argv: readonly string[]
  /** Sends a signal to the program once it runs. */
  signal(signal: NodeJS.Signals): void
  remove(): void
}

/** sudo drops the environment and sets its own PATH and umask; the file restores them and is removed at once. */
export function carryEnvironment(lab: Pick<Lab, 'paths'>, environment = process.env): CarriedEnvironment {
  mkdirSync(lab.paths.state, { recursive: true, mode: 0o700 })
  const folder = mkdtempSync(join(lab.paths.state, 'enter-'))
  const file = join(folder, 'environment')
  const pidFile = join(folder, 'pid')
  const exports = Object.entries(environment)
    .filter(([name, value]) => value !== undefined && /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `export ${name}=${shellQuote(value!)}`)
  const umask = process.umask().toString(8)
  writeFileSync(file, [...exports, `umask ${umask}`, ''].join('\n'), { mode: 0o600 })
  const script = 'echo "$$" >"$2"; for v in $(compgen -e); do unset "$v"; done; . "$1"; rm -f "$1"; shift 2; exec "$@"'
  return {
    argv: ['bash', '--norc', '-c', script, 'enter', file, pidFile],
    signal(signal) {
      try {
        process.kill(Number(readFileSync(pidFile, 'utf8')), signal)
      } catch {
        // Not started yet, or gone already.
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
