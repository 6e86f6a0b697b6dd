/** `./lab capture SERVER`: the packets of an instance, at a place of its path. */

import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { defineCommand } from 'citty'
import { UsageError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { type Capture, startCapture } from '../insight/wire/capture.ts'
import type { FoundPlace } from '../insight/wire/find-place.ts'
import { pcapRing } from '../insight/wire/pcap-ring.ts'
import { nameOfPlace, type PlaceName, placeNames } from '../insight/wire/places.ts'
import type { Form } from '../insight/wire/tcpdump-script.ts'
import { askInside } from '../run/namespace.ts'
import { openOutput } from '../run/output-file.ts'
import { ownProgram } from '../run/own-program.ts'
import { timeouts } from '../run/timeouts.ts'
import { untilEnded } from '../run/until-ended.ts'
import { showAge, showCount } from '../terminal/amounts.ts'
import { print, tell } from '../terminal/print.ts'
import { visible } from '../terminal/visible.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'
import { parseSize, parseTime } from './wire-arguments.ts'

const where = './lab capture'

/** What a reader does with the output; gives what to say of it at the end. */
type Sink = (capture: Capture) => Promise<string>

/** Text of packets is from outside: only spaces are laid out. */
const showLines: Sink = async ({ output }) => {
  let count = 0
  for await (const line of createInterface({ input: Readable.from(output) })) {
    if (line) print(visible(line.replaceAll('\t', '    ')))
    if (/^\S/.test(line)) count++
  }
  return packets(count)
}

/** For a reader such as Wireshark. */
const passOn: Sink = async ({ output }) => {
  for await (const chunk of output) process.stdout.write(chunk)
  return 'sent to stdout'
}

function keep(file: string, limit: number): Sink {
  const write = openOutput(where, file)
  return async ({ output }) => {
    const ring = pcapRing(limit)
    for await (const chunk of output) ring.take(chunk)
    const { kept, dropped, bytes } = ring.count()
    write(ring.content())
    return `${packets(kept)}, ${bytes} bytes in ${file}${dropped ? `; ${packets(dropped)} before them did not fit (--size)` : ''}`
  }
}

const packets = (count: number) => showCount(count, 'packet')

interface Asked {
  server: string
  at: string
  seconds: number
  wait: boolean
}

/** Undefined: it was refused, and the other half has said why. */
async function askPlace(lab: Lab, { server, at, seconds, wait }: Asked): Promise<FoundPlace | undefined> {
  const words = [server, '--at', at, '--wait', String(wait ? seconds : 0)]
  const { stdout, exitCode } = await askInside(lab, ownProgram(process.argv[1]!, 'capture-place', ...words), 'pipe')
  if (exitCode === 0) return JSON.parse(stdout) as FoundPlace
  process.exitCode = exitCode
  return undefined
}

async function run(lab: Lab, asked: Asked, form: Form, sink: Sink): Promise<void> {
  const found = await askPlace(lab, asked)
  if (!found) return
  const { seconds, wait } = asked
  const { server, place } = found
  const what = place.filter ? `packets of ${server.name}` : `all packets of ${server.name}`
  tell(`capture: ${visible(what)} at ${nameOfPlace(place)}, for ${showAge(seconds)}; Ctrl-C ends it`)
  const capture = startCapture(lab, place, { seconds, form, wait })
  // Whoever reads has seen enough: `| head`, or Wireshark was closed.
  process.stdout.on('error', capture.end)
  const reading = sink(capture)
  await untilEnded(reading).finally(capture.end)
  const result = await reading
  const { droppedByKernel } = await capture.ended
  tell(`capture: ${visible(result)}${droppedByKernel ? `; the node's kernel dropped ${packets(droppedByKernel)}` : ''}`)
}

export default defineCommand({
  meta: {
    name: 'capture',
    description:
      'Shows the packets of an instance at a place of its path, decoded, until Ctrl-C or for ten minutes. tcpdump runs on the node of that place and ends there by itself. With --output the newest packets that fit into --size are written to a file at the end.',
  },
  args: {
    server: { type: 'positional', required: true, description: 'name or id of the instance, in any project' },
    at: {
      type: 'enum',
      options: [...placeNames],
      default: 'tap',
      description: "where: the instance's tap (default), its bridge, eth1, the DHCP namespace, the router namespace",
    },
    for: { type: 'string', valueHint: 'time', description: 'end after 30s, 5m, 1h; default 10m, up to 24h' },
    output: { type: 'string', valueHint: 'file', description: 'write a pcap file, which only you can read' },
    size: { type: 'string', valueHint: 'size', description: 'how large the file may be; default 64MiB, up to 1GiB' },
    live: { type: 'boolean', description: 'a pcap on stdout, for wireshark -k -i -' },
    fields: { type: 'boolean', description: 'every field of each packet, with MAC addresses and VLAN tags' },
    wait: { type: 'boolean', description: 'wait for an instance that is still to be launched' },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const { server, at, output, live, fields, wait = false } = args
    if (live && process.stdout.isTTY) {
      const remedy = `${where} ${server} --live | wireshark -k -i -`
      throw new UsageError([{ where: `${where} --live`, given: 'a terminal', allowed: 'a program that reads', remedy }])
    }
    const seconds = args.for ? parseTime('capture')(args.for) : timeouts.nodes.capture.seconds
    const asked = { server, at: at as PlaceName, seconds, wait }
    if (output) return run(lab, asked, 'pcap', keep(output, parseSize(args.size ?? '64MiB')))
    return run(lab, asked, live ? 'pcap' : fields ? 'fields' : 'text', live ? passOn : showLines)
  },
})
