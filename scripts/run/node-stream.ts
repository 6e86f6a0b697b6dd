/** The lines of a program on a node, as it writes them. */

import { join } from 'node:path'
import { execa } from 'execa'
import { ConnectError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { checkRoute } from './ssh.ts'

export interface NodeStream {
  /** Settled when the program has ended. Rejected with ConnectError if nobody called `end`: the node is lost. */
  ended: Promise<void>
  end(): void
}

/** `command`: for the node's shell. Its stdin stays open while we live: it must end when that closes, however we end. */
export function streamFrom(
  lab: Lab,
  node: LabNode,
  command: string,
  read: (lines: AsyncIterable<unknown>) => Promise<void>,
): NodeStream {
  const child = execa('ssh', ['-F', join(lab.paths.ssh, 'ssh_config'), '-o', 'ControlPath=none', node.name, command], {
    stdin: 'pipe',
    reject: false,
    buffer: { stdout: false },
  })
  const reading = checkRoute(lab, node).then(() => read(child.iterable()))
  let meant = false
  const ended = Promise.all([child, reading]).then(([{ stderr }]) => {
    const detail = stderr?.trim().split('\n').at(-1) || 'the connection ended'
    if (!meant) throw new ConnectError(node.name, detail, `./lab ssh ${node.name}`)
  })
  return {
    ended,
    end() {
      meant = true
      child.stdin.end()
      child.kill()
    },
  }
}
