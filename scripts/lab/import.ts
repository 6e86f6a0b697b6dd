/** `./lab import FILE`: takes a save out of a file that `./lab export` made. */

import { readFileSync } from 'node:fs'
import { defineCommand } from 'citty'
import { importSave } from '../checkpoint/import.ts'
import { LabError } from '../declaration/errors.ts'
import { parseMemory } from '../host/facts.ts'
import { hostReserveMiB } from '../host/preflight-machine.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { showGiB } from '../terminal/amounts.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'

const untrusted = () => ({
  where: './lab import',
  given:
    "a file whose programs will run as root in the lab's nodes; containers share this machine's kernel, where a hostile root can do harm",
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
    as: {
      type: 'string',
      valueHint: 'name',
      description: 'make a new lab of this name of it, beside its original: a new id, new passwords and keys',
    },
    identity: {
      type: 'string',
      valueHint: 'file',
      description: 'for a file that was encrypted for the public key of this identity of age, or of ssh',
    },
  },
  async run({ args }) {
    if (!args.trust) throw new LabError([untrusted()])
    await obtainRoot()
    sayStopping('import')
    const progress = terminalProgress()
    const options = { progress, as: args.as, identity: args.identity }
    const { save, lab, shared } = await withLock(checkout, () => importSave(checkout, args.file, options), {
      last: true,
    })
    const { name, id } = save
    tell(`import: save ${name} of lab ${id}; ./lab restore ${name} brings the lab up`)
    if (shared) tell('import: it shares its layers on the disk with a lab that this machine has already')
    tell(describeMemory(lab.nodes.reduce((sum, node) => sum + node.memoryMiB, 0)))
  },
})

function describeMemory(neededMiB: number): string {
  const { availableMiB } = parseMemory(readFileSync('/proc/meminfo', 'utf8'))
  const enough = availableMiB - hostReserveMiB >= neededMiB
  return `import: running, it needs up to ${showGiB(neededMiB)} of memory; this machine has ${showGiB(availableMiB)} available${enough ? '' : ', which is too little'}`
}
