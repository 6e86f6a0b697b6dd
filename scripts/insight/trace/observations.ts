/** All observations of a recording by time, with the names of all known processes. */

import type { Observation, Party, Recording } from './evidence.ts'
import { parseLog } from './parse-logs.ts'
import { parseWire } from './parse-wire.ts'

/** Which client process holds a connection on a node: the last that opened it before the given time. */
function socketNames(recording: Recording): (local: string, at: number) => Party | undefined {
  const opened = new Map<string, { at: number; party: Party }[]>()
  for (const { node, lines } of recording.files.filter(({ file }) => file.endsWith('/sockets.log'))) {
    for (const line of lines) {
      const { t, local, process } = JSON.parse(line) as { t: number; local: string; process: string }
      const list = opened.get(local) ?? []
      opened.set(local, [...list, { at: t * 1000, party: { unit: unitOf(process), node } }])
    }
  }
  // The packet that opens a connection is seen on both nodes; their clocks differ by less than half a second.
  return (local, at) =>
    opened
      .get(local)
      ?.filter((one) => one.at <= at + 500)
      .at(-1)?.party ?? opened.get(local)?.[0]?.party
}

const unitOf = (process: string) => process.replace(/\[\d+\]$/, '')
/** A process without a known name is identified by its address and port. */
export const isAddress = (text: string) => /^\d+\.\d+\.\d+\.\d+:\d+$/.test(text)

/** `nova-api[12]` runs on the node where the packet was recorded; an address is looked up on its own node. */
function naming(recording: Recording, node: string) {
  const sockets = socketNames(recording)
  return (text: string, at: number): Party => {
    if (!isAddress(text)) return { unit: unitOf(text), node }
    const found = sockets(text, at)
    if (found) return found
    const [ip = ''] = text.split(':')
    const owner = recording.nodes.find(({ address }) => address === ip)
    return owner ? { unit: text, node: owner.name } : { unit: 'client', node: 'host' }
  }
}

/** Other nodes' times are converted to the controller's clock. What happened long before the launch is left out. */
export function readObservations(recording: Recording): Observation[] {
  const observations = recording.files.flatMap((file) =>
    file.file.endsWith('/wire.log') ? parseWire(file, naming(recording, file.node)) : parseLog(file),
  )
  return observations
    .map((one) => {
      const offset = recording.clockOffsets[one.evidence.node] ?? 0
      return offset ? { ...one, at: one.at - offset } : one
    })
    .sort((left, right) => left.at - right.at)
}
