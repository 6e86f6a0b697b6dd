/** Root rights for an ordinary user: sudo's password is asked for once, before anything else is shown. */

import { execa } from 'execa'
import { tell } from '../terminal/print.ts'
import { isRoot } from './process.ts'

/** sudo forgets after 5 to 15 minutes, and an `up` may take longer. */
const renewSeconds = 60

/** sudo asks on the terminal itself, whatever stdin is. */
const hasTerminal = () => process.stdin.isTTY === true || process.stderr.isTTY === true

/**
 * Asks where sudo wants a password and there is a terminal, and keeps the right for as long as this process lives.
 * Without a terminal nothing is asked: the preflight then says what is missing.
 */
export async function obtainRoot(): Promise<void> {
  if (isRoot || !hasTerminal()) return
  const { exitCode } = await execa('sudo', ['-n', 'true'], { reject: false, stdio: 'ignore' })
  if (exitCode !== 0) {
    tell('lab: root rights are needed on this machine; sudo asks for your password once')
    await execa('sudo', ['-v'], { reject: false, stdio: 'inherit' })
  }
  setInterval(() => void execa('sudo', ['-n', '-v'], { reject: false, stdio: 'ignore' }), renewSeconds * 1000).unref()
}
