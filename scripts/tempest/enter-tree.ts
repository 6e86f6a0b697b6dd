/** Runs a command in Tempest's tree, as the calling user, in this process's network. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { rootPrefix } from '../run/process.ts'

const script = join(import.meta.dirname, 'enter-tree.sh')
const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child']

export interface InTree {
  tree: string
  /** On this machine; the command sees it as /mnt and begins with what its own arguments say. */
  folder: string
  argv: readonly string[]
  onLine: (line: string) => void
}

/** Gives the exit code. `stopped`: as soon as it is settled the command and all that it has started are ended. */
export async function runInTree({ tree, folder, argv, onLine }: InTree, stopped: Promise<unknown>): Promise<number> {
  const [uid, gid] = [`${process.getuid?.() ?? 0}`, `${process.getgid?.() ?? 0}`]
  const inner = ['bash', '-c', readFileSync(script, 'utf8'), 'enter-tree', tree, folder, uid, gid, ...argv]
  const [file = '', ...args] = [...rootPrefix({ ask: false }), 'unshare', ...namespaces, 'nice', ...inner]
  const child = execa(file, args, { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit', buffer: false, reject: false })
  const lines = createInterface({ input: child.stdout }).on('line', onLine)
  const read = new Promise((resolve) => lines.once('close', resolve))
  stopped.catch(() => {}).finally(() => child.stdin.end())
  const [{ exitCode }] = await Promise.all([child, read])
  return exitCode ?? 1
}
