/**
 * `/var/lib/duostack/<id>`, the lab's folder on this machine, which also records the owner; and the folders that all
 * labs share.
 */

import type { Lab } from '../declaration/lab.ts'
import { closeTrees } from '../image/closed-tree.ts'
import { runOnHost } from '../run/process.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** Makes it where it is missing. Others may pass through to what is theirs to see, but not look around. */
export async function ensureDataFolder(lab: Lab): Promise<void> {
  const data = shellQuote(lab.paths.data)
  await runOnHost('bash', ['-s'], {
    step: `folder ${lab.paths.data}`,
    root: true,
    input: `set -e
install -d -m 0711 /var/lib/duostack ${data}
# libvirt writes the serial consoles here, and does not make the folder.
install -d -m 0711 ${data}/console
install -d -m 0755 /var/cache/duostack /var/cache/duostack/images
printf '%s\\n' ${shellQuote(lab.root)} >${data}/owner
${closeTrees('/var/cache/duostack/images')}`,
  })
}
