/** What of a lab stands in its checkout: packed into a save, and unpacked beside the lab's own. */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf } from '../declaration/files-of-declaration.ts'
import { rootPrefix, runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** By their path in the checkout: identity, keys and states; with the declaration, all that makes a lab this one. */
const own = ['.lab/lab.json', '.lab/ssh', '.lab/terraform', 'ansible-vars/secrets.yml']

/** In the folder of a save, root's alone: it holds the secrets. */
const archiveIn = (folder: string) => join(folder, 'checkout.tar')

const inRoot = rootPrefix({ ask: false }).map(shellQuote).join(' ')

const script = (step: string, input: string) =>
  runOnHost('bash', ['-s'], {
    step,
    input: `set -euo pipefail\n${input}`,
    timeoutSeconds: timeouts.machine.command.seconds,
  })

/** The declaration is the one that the last `up` took: what the lab was built from. */
export async function packHostFiles(root: string, folder: string): Promise<void> {
  const applied = join(root, '.lab/applied')
  const declared = existsSync(applied) ? applied : root
  const words = (paths: readonly string[]) => paths.map(shellQuote).join(' ')
  const present = own.filter((path) => existsSync(join(root, path)))
  await script(
    'save the identity, the keys, the secrets and the states',
    `tar -cf - -C ${shellQuote(root)} ${words(present)} -C ${shellQuote(declared)} ${words(filesOf(declared))} |
  ${inRoot} sh -c 'umask 077; cat >"$1"' sh ${shellQuote(archiveIn(folder))}
`,
  )
}

/** As files of the calling user, in an empty folder that has the shape of a checkout. */
export async function unpackHostFiles(folder: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  await script(
    'read the identity, the keys, the secrets and the states of the save',
    `${inRoot} cat ${shellQuote(archiveIn(folder))} | tar -xpf - --no-same-owner -C ${shellQuote(to)}\n`,
  )
}
