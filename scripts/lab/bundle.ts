/** `./lab bundle FILE`: one archive from which a machine without a network builds labs. */

import { defineCommand } from 'citty'
import { offlineFolder } from '../bundle/archive.ts'
import { makeBundle } from '../bundle/bundle.ts'
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
    name: 'bundle',
    description:
      'Writes one archive for machines without a network: this checkout, its node modules, the node image, Terraform with its providers, and the packages of the host with everything that those need. It is for machines with the same system as this one.',
  },
  args: {
    file: { type: 'positional', required: true, description: 'a new file, such as duostack.tar' },
    save: {
      type: 'string',
      valueHint: 'name',
      description: 'also a save, for ./lab restore there; it contains all passwords and keys of its lab',
    },
  },
  async run({ args }) {
    await obtainRoot()
    sayStopping('bundle')
    const save =
      args.save === undefined ? undefined : findSave(readSaves(checkout), args.save, readIdentity(checkout)?.id)
    const options = { progress: terminalProgress(), save }
    const { bytes, sha256 } = await withLock(checkout, () => makeBundle(checkout, args.file, options), { last: true })
    tell(`bundle: ${args.file}, ${showMiB(bytes)}, sha256 ${sha256}`)
    tell(`bundle: there: tar -xf FILE && cd duostack && ${offlineFolder}/install`)
    if (save)
      tell('bundle: it contains all passwords and keys of the saved lab: give it to nobody who must not have them')
  },
})
