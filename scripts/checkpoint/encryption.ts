/** Encryption of exported files by age, which also authenticates them: a changed file is not decrypted. */

import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError, LabError, UsageError } from '../declaration/errors.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** `passphrase`: age asks for it on the terminal, so that it is in no argument and no log. */
export type Encryption = 'passphrase' | { recipients: string }

/** Throws LabError where a program that comes with most systems, but not with all, is missing. */
export async function expectProgram(name: 'zstd' | 'age', where: string): Promise<void> {
  try {
    await runOnHost(name, ['--version'], { step: name, timeoutSeconds: timeouts.machine.look.seconds })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const given = `no program ${name} on this machine`
    throw new LabError([{ where, given, allowed: `${name} on PATH`, remedy: `sudo apt-get install ${name}` }])
  }
}

/** Throws UsageError where nobody could be asked. */
function expectTerminal(where: string, remedy: string): void {
  try {
    closeSync(openSync('/dev/tty', 'r+'))
  } catch {
    throw new UsageError([{ where, given: 'no terminal, on which age asks for a passphrase', allowed: remedy }])
  }
}

export async function checkEncryption(encryption: Encryption, where: string): Promise<void> {
  await expectProgram('age', where)
  if (encryption === 'passphrase') expectTerminal(where, '--recipients FILE')
  else expectFile(encryption.recipients, where)
}

function expectFile(file: string, where: string): void {
  if (!existsSync(file)) throw new UsageError([{ where, given: `${file}, which is no file`, allowed: 'a file of age' }])
}

/** For a pipe in a shell script. */
export const encryptInShell = (encryption: Encryption): string =>
  encryption === 'passphrase' ? 'age -p' : `age -R ${shellQuote(encryption.recipients)}`

const magic = 'age-encryption.org/v1'

function isEncrypted(file: string): boolean {
  const descriptor = openSync(file, 'r')
  try {
    const head = Buffer.alloc(magic.length)
    readSync(descriptor, head)
    return head.toString('latin1') === magic
  } finally {
    closeSync(descriptor)
  }
}

/** The file itself where it is not encrypted, else a new one in `folder`, of this user alone. */
export async function decrypted(file: string, folder: string, identity: string | undefined): Promise<string> {
  if (!isEncrypted(file)) return file
  const plain = join(folder, 'plain.tar.zst')
  await decrypt(file, plain, identity)
  return plain
}

/** Whole or not at all; nothing of it is read before all of it is authentic. */
async function decrypt(file: string, to: string, identity: string | undefined): Promise<void> {
  const where = './lab import'
  await expectProgram('age', where)
  if (identity) expectFile(identity, where)
  else expectTerminal(where, '--identity FILE')
  try {
    const words = ['bash', to, ...keyOf(identity), '--', file]
    await runOnHost('bash', ['-c', 'umask 077; to=$1; shift; exec age -d -o "$to" "$@"', ...words], {
      step: `decrypt ${file}`,
      timeoutSeconds: timeouts.machine.carried.seconds,
    })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const said = error.failure.output.trim().split('\n').slice(0, 2).join('; ')
    const allowed = identity
      ? 'the identity of a recipient, and an unchanged file'
      : 'its passphrase, or --identity FILE'
    throw new LabError([{ where, given: `${file} cannot be decrypted: ${said}`, allowed }])
  }
}

const keyOf = (identity: string | undefined) => (identity ? ['-i', identity] : [])
