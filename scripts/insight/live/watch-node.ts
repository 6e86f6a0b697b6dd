/** The watcher on one node: started over ssh, and ended with it. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { ConnectError } from '../../declaration/errors.ts'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import { checkRoute } from '../../run/ssh.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import { recordingFolder } from '../trace/recorder.ts'
import { readDocuments } from './protocol.ts'
import type { Reading } from './rates.ts'

/** Lines that were added to a file or a journal. */
export interface Added {
  file: string
  first: number
  lines: string[]
}

export interface Watcher {
  /** Rejected with ConnectError if the node is lost. */
  ended: Promise<void>
  end(): void
}

/** As `logsOfLaunch`, for Python's glob. */
const patterns = [
  ...['keystone', 'glance', 'placement', 'nova', 'neutron', 'cinder'].map((name) => `/var/log/${name}/*.log`),
  '/var/log/libvirt/qemu/*.log',
]

/** `recording`: the beginning of the ids of the recordings that are followed. */
export function watchNode(
  lab: Lab,
  node: LabNode,
  recording: string,
  take: (document: Added | Reading) => void,
): Watcher {
  const program = readFileSync(new URL('node/watch.py', import.meta.url), 'utf8')
  const words = [program, JSON.stringify(patterns), `${recordingFolder(`${recording}*`)}/*.log`]
  // The open stdin shows that we are alive: when it closes, however we end, the program on the node ends.
  const remote = `exec python3 -c ${words.map(shellQuote).join(' ')}`
  const child = execa('ssh', ['-F', join(lab.paths.ssh, 'ssh_config'), '-o', 'ControlPath=none', node.name, remote], {
    stdin: 'pipe',
    reject: false,
    buffer: { stdout: false },
  })
  const reading = checkRoute(lab, node).then(() => readDocuments(child.iterable(), take))
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
