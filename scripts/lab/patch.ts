/** `./lab patch SERVICE FILE | --list | --revert`: patches of installed Python on the nodes. */

import { readFileSync, statSync } from 'node:fs'
import { defineCommand } from 'citty'
import { UsageError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { print, tell } from '../terminal/print.ts'
import { table } from '../terminal/table.ts'
import { visibleIn } from '../terminal/visible.ts'
import { applyPatch, listPatches, readPatch, revertPatch } from '../workbench/patches.ts'
import { checkout } from './checkout.ts'
import { expectService } from './expect-service.ts'
import { patchName } from './patch-name.ts'
import { loadRunningLab } from './running-lab.ts'

/** No patch of installed Python is larger. */
const largestBytes = 2_000_000

async function apply(lab: Lab, service: ServiceName, file: string): Promise<void> {
  const name = patchName(file)
  const { size } = statSync(file)
  if (size > largestBytes)
    throw new UsageError([{ where: file, given: `${size} bytes`, allowed: `a patch of at most ${largestBytes} bytes` }])
  const patch = readPatch(service, file, readFileSync(file, 'utf8'))
  if (patch.leftOut.length > 0) tell(`left out, because nodes do not have it: ${patch.leftOut.join(', ')}`)
  await withLock(checkout, () => applyPatch(lab, service, { name, ...patch }, terminalProgress()))
  print(`${name} is in place: ${patch.files.join(', ')}; ./lab patch ${service} --revert ${name} takes it back`)
}

async function list(lab: Lab, service: ServiceName | undefined): Promise<void> {
  const patches = (await listPatches(lab)).filter((one) => !service || one.service === service)
  if (patches.length === 0) return tell('no patches')
  const rows = visibleIn(patches).map((one) => [one.service, one.name, one.nodes.join(', '), one.files.join(', ')])
  print(table(rows, { indent: '' }).join('\n'))
}

/** The newest first: a later one may build on an earlier one. */
async function revert(lab: Lab, service: ServiceName | undefined, file: string | undefined): Promise<void> {
  const progress = terminalProgress()
  const all = file && service ? [{ service, name: patchName(file) }] : (await listPatches(lab)).toReversed()
  const wanted = all.filter((one) => !service || one.service === service)
  if (wanted.length === 0) return tell('no patches')
  await withLock(checkout, async () => {
    for (const one of wanted) {
      const left = await revertPatch(lab, one.service, one.name, progress)
      print(`${one.name} is reverted`)
      if (left.length > 0) tell(`left as it is, because it was changed since: ${left.join(', ')}`)
    }
  })
}

export default defineCommand({
  meta: {
    name: 'patch',
    description:
      'Applies a patch (a unified diff, as `git diff` writes it) to the installed Python of a service, on all its nodes or on none, and restarts the service. It stays until it is reverted or the lab is rebuilt; `status` shows it, and `up` keeps it.',
  },
  args: {
    service: { type: 'positional', required: false, description: 'as `./lab logs` names it' },
    file: { type: 'positional', required: false, description: 'the patch; with --revert: only this one' },
    list: { type: 'boolean', description: 'show the patches that are in place' },
    revert: {
      type: 'boolean',
      description: 'put back what patches have replaced: of all services, of one, or one patch',
    },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const service = args.service ? expectService(lab, 'patch', args.service as ServiceName) : undefined
    try {
      if (args.list) await list(lab, service)
      else if (args.revert) await revert(lab, service, args.file)
      else if (service && args.file) await apply(lab, service, args.file)
      else
        throw new UsageError([{ where: './lab patch', given: 'no FILE', allowed: 'SERVICE FILE, --list or --revert' }])
    } finally {
      disconnect()
    }
  },
})
