/** `./lab import FILE`: takes a save out of a file that `./lab export` made. */

import { defineCommand } from 'citty'
import { importSave } from '../checkpoint/import.ts'
import { LabError } from '../declaration/errors.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'

const untrusted = () => ({
  where: './lab import',
  given:
    "a file whose programs will run as root in the lab's nodes: containers on this machine's own kernel, where a hostile root can do harm",
  allowed: 'a file from somebody whom you trust with root rights on this machine',
  remedy: 'add --trust',
})

export default defineCommand({
  meta: {
    name: 'import',
    description:
      "Takes a save out of a file that `./lab export` made, for `./lab restore`. Everything in it is checked; programs, paths and Terraform's configuration are those of this machine. The nodes run what is in the file as root.",
  },
  args: {
    file: { type: 'positional', required: true, description: 'the file' },
    trust: { type: 'boolean', description: 'its maker may run programs as root in the nodes' },
  },
  async run({ args }) {
    if (!args.trust) throw new LabError([untrusted()])
    await obtainRoot()
    sayStopping('import')
    const progress = terminalProgress()
    const { name, id } = await withLock(checkout, () => importSave(checkout, args.file, { progress }), { last: true })
    tell(`import: save ${name} of lab ${id}; ./lab restore ${name} brings the lab up`)
  },
})
