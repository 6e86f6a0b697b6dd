/** Runs a capture on a node and hands on what it sends, until its time is over or somebody ends it. */

import { join } from 'node:path'
import { execa } from 'execa'
import { CommandError, ConnectError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { wayInside } from '../../run/namespace.ts'
import { timeoutExitCode } from '../../run/process.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import { nameOfPlace, type Place } from './places.ts'
import { type CaptureOptions, tcpdumpScript } from './tcpdump-script.ts'

export interface Capture {
  /** What the node sends: lines of text, or a pcap file. */
  output: AsyncIterable<Uint8Array>
  /** Ends it in order; what was seen so far still comes. */
  end(): void
  /** tcpdump's count at the end. Throws ConnectError if the node was lost, CommandError if tcpdump failed. */
  ended: Promise<{ droppedByKernel: number }>
}

/** Ctrl-C reaches the whole group of the terminal; ssh must outlive it, or the last packets would be lost with it. */
const shielded = ['bash', '-c', 'trap "" INT; exec "$@"', 'capture']

/** Starts outside the lab's namespace, so that the node notices the end of this very process, even by SIGKILL. */
export function startCapture(lab: Lab, place: Place, options: CaptureOptions): Capture {
  const remote = `bash -c ${shellQuote(tcpdumpScript(place, options))}`
  const config = ['-F', join(lab.paths.ssh, 'ssh_config'), '-o', 'ControlPath=none', '-o', 'ServerAliveInterval=10']
  const way = wayInside(lab, [...shielded, 'ssh', ...config, '-o', 'LogLevel=ERROR', place.node, remote])
  const child = execa(way.file, way.args, {
    stdin: 'pipe',
    encoding: 'buffer',
    buffer: { stdout: false },
    reject: false,
  })
  child.stdin.on('error', () => {})
  const ended = child.then(({ exitCode, stderr }) => {
    way.done()
    return judge(place, exitCode, Buffer.from(stderr).toString())
  })
  // Whoever reads the output first hears of it later.
  ended.catch(() => {})
  return { output: child.stdout, end: () => child.stdin.end(), ended }
}

function judge(place: Place, exitCode: number | undefined, said: string): { droppedByKernel: number } {
  const { node } = place
  if (exitCode === undefined || exitCode === 255)
    throw new ConnectError(node, said.trim().split('\n').at(-1) || 'the connection ended', `./lab ssh ${node}`)
  if (exitCode !== 0 && exitCode !== timeoutExitCode) {
    const step = `capture at ${nameOfPlace(place)}`
    throw new CommandError({ node, step, paste: `./lab ssh ${node} ip link`, exitCode, output: said })
  }
  return { droppedByKernel: Number(/^(\d+) packets? dropped by kernel/m.exec(said)?.[1] ?? 0) }
}
