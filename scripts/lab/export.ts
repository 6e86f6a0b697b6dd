/** `./lab export NAME FILE`: a save as one file, for another machine. */

import { defineCommand } from 'citty'
import type { Encryption } from '../checkpoint/encryption.ts'
import { exportSave } from '../checkpoint/export.ts'
import { findSave, readSaves } from '../checkpoint/saves.ts'
import { readIdentity } from '../declaration/identity.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { showMiB } from '../terminal/amounts.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'

export default defineCommand({
  meta: {
    name: 'export',
    description:
      'Writes a save into one compressed file with the node image, for `./lab import` on another machine. The lab may run meanwhile. The file contains all passwords and keys of the lab.',
  },
  args: {
    name: { type: 'positional', required: true, description: 'of the save; ./lab saves lists them' },
    file: { type: 'positional', required: true, description: 'a new file, such as lab.tar.zst' },
    encrypt: { type: 'boolean', description: 'encrypt it with age, which asks for a passphrase on the terminal' },
    recipients: {
      type: 'string',
      valueHint: 'file',
      description: 'encrypt it with age for the public keys in this file, one a line, instead of a passphrase',
    },
  },
  async run({ args }) {
    const encryption: Encryption | undefined = args.recipients
      ? { recipients: args.recipients }
      : args.encrypt
        ? 'passphrase'
        : undefined
    await obtainRoot()
    sayStopping('export')
    const save = findSave(readSaves(checkout), args.name, readIdentity(checkout)?.id)
    const { bytes, sha256 } = await withLock(checkout, () =>
      exportSave(save, args.file, { progress: terminalProgress(), encryption }),
    )
    tell(`export: ${args.file}, ${showMiB(bytes)}, sha256 ${sha256}`)
    tell(
      encryption
        ? 'export: it contains all passwords and keys of the lab, encrypted'
        : 'export: it contains all passwords and keys of the lab, in clear: give it to nobody who must not have them',
    )
  },
})
