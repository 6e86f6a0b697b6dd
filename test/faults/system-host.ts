/** A machine with a system libvirtd, simulated with namespaces, for as long as a test needs it. */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Copy } from '../harness/copy.ts'

export interface SystemHost {
  /** The same checkout, with its commands run on that machine, which is offline: node modules are installed before. */
  moveIn(copy: Copy): Copy
  /** Stops it with everything that runs on it. */
  close(): Promise<void>
}

export async function openSystemHost(): Promise<SystemHost> {
  const script = join(import.meta.dirname, '../harness/outer-host.sh')
  const host = execa('bash', [script, 'bash', '-c', 'echo ready; exec cat'], { stdin: 'pipe', reject: false })
  await once(host.stdout!, 'data')
  const pid = await readOnlyChild(await readOnlyChild(host.pid!))
  return {
    moveIn: (copy) => ({
      ...copy,
      run: (...command) =>
        copy.run('nsenter', '--target', pid, '--net', '--mount', '--pid', 'env', '-C', copy.root, ...command),
    }),
    async close() {
      host.stdin!.end()
      await host
    },
  }
}

/** outer-host.sh's child is unshare, and the child of that is the machine's first process. */
async function readOnlyChild(pid: number | string): Promise<string> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim()
}
