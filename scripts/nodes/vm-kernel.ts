/** What the kernel of a virtual machine is told by its command line: among other things, which node it is. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab, LabNode } from '../declaration/lab.ts'

/**
 * Under emulation there is nothing to protect against, and mitigations cost time. Both processors read the host's
 * counter, so they agree; without being told so, the kernel would read a slow emulated clock, the HPET, by a system
 * call.
 */
const emulatedWords = { mitigations: 'off', tsc: 'reliable' }

/**
 * Two maps, because the provider reads back words without `=` as a separate map: with one map every later deploy would
 * replace the domain.
 */
export const kernelWords = (lab: Lab, node: LabNode): Record<string, string>[] => [
  {
    root: '/dev/vda',
    console: 'ttyS0',
    'net.ifnames': '0',
    ...(lab.hypervisor === 'kvm' ? {} : emulatedWords),
    'duostack.name': node.name,
    'duostack.address': `${node.address}/${lab.networks.management.prefixLength}`,
    'duostack.key': publicKeyBlob(lab),
  },
  { _: 'rw' },
]

/** The line that the provider makes of them. */
export const kernelLine = (lab: Lab, node: LabNode): string =>
  kernelWords(lab, node)
    .flatMap((words) => Object.entries(words).map(([key, value]) => (key === '_' ? value : `${key}=${value}`)))
    .sort()
    .join(' ')

/** The middle word of the lab's public key; before the first prepare there is none, but the stack can still be read. */
export function publicKeyBlob(lab: Pick<Lab, 'paths'>): string {
  const file = join(lab.paths.ssh, 'id_ed25519.pub')
  return (existsSync(file) && readFileSync(file, 'utf8').split(' ')[1]) || 'preview'
}
