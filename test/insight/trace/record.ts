/**
 * Turns a real recording into one for tests: `npx tsx test/insight/trace/record.ts NAME SERVER`, with SERVER as `./lab
 * trace --launch` names it.
 */

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadLab } from '../../../scripts/declaration/load.ts'
import { loadSecrets } from '../../../scripts/declaration/secrets.ts'
import type { RecordedFile, Recording } from '../../../scripts/insight/trace/evidence.ts'
import { parseWireLine, type WireLine } from '../../../scripts/insight/trace/parse-wire.ts'
import { findRecording } from '../../../scripts/insight/trace/store.ts'

const root = resolve(import.meta.dirname, '../../..')

/** Ids that show that a line belongs to the launch; the token's hash is found with the client's own request. */
function wantedWords(recording: Recording): string[] {
  const { globalRequest, requests, instance, ports, volumes, image, macs, network, router, floatingIp } = recording.ids
  const ids = [
    globalRequest,
    ...requests,
    instance,
    ...ports,
    ...ports.map((id) => `tap${id.slice(0, 11)}`),
    ...volumes,
    image,
    ...macs,
    ...(recording.about === 'floating-ip' ? [router, floatingIp] : [network]),
  ]
  const launch = recording.files
    .flatMap(({ lines }) => lines)
    .find((line) => /"POST".*\/servers"|"PUT".*\/floatingips\//.test(line) && line.includes(globalRequest ?? ' '))
  const token = /"token": "sha256:(\w+)"/.exec(launch ?? '')?.[1]
  return [...ids, token].filter((word): word is string => Boolean(word))
}

/** Lines of the traffic to keep: those of the launch, their answers and continuations, and those without an id. */
function keepWire(lines: readonly string[], words: readonly string[]): boolean[] {
  const parsed = lines.map(parseWireLine)
  const links = (line: WireLine) => [line['msg_id'], line['unique_id']].filter((id) => typeof id === 'string')
  const own = parsed.map(
    (line, index) =>
      line !== undefined && (line['path'] === '/v3/auth/tokens' || words.some((word) => lines[index]!.includes(word))),
  )
  const linked = new Set(parsed.flatMap((line, index) => (own[index] ? links(line!) : [])))
  const numbers = new Set(parsed.flatMap((line, index) => (own[index] ? [line!.n] : [])))
  return parsed.map((line, index) => {
    if (!line) return false
    if (own[index] || links(line).some((id) => linked.has(id)) || numbers.has(line.of ?? -1)) return true
    return line.kind === 'sql' && line.from.startsWith('nova-scheduler')
  })
}

function trim(file: RecordedFile, words: readonly string[]): RecordedFile {
  const wire = file.file.endsWith('/wire.log')
  const kept = wire
    ? keepWire(file.lines, words)
    : file.lines.map(
        (line) =>
          /\/(sockets|links|fdb|router|neutron-metadata-agent)\.log$|json$|^mariadb|^journal|qemu/.test(file.file) ||
          words.some((word) => line.includes(word)),
      )
  const indexes = kept.flatMap((keep, index) => (keep ? [index] : []))
  return {
    ...file,
    numbers: indexes.map((index) => file.first + index),
    lines: indexes.map((index) => file.lines[index]!.slice(0, 2500)),
  }
}

/** Fails without writing if the output would contain a token or any secret of the lab. */
function refuseSecrets(text: string, secrets: readonly string[]): void {
  const found = secrets.filter((secret) => text.includes(secret)).length + (text.match(/gAAAA[\w-]{20}/g)?.length ?? 0)
  if (found)
    throw new Error(`${found} secrets stand in the recording: scripts/insight/trace/node/redact.py lets them through`)
}

const [name = '', server = ''] = process.argv.slice(2)
const lab = loadLab(root)
const recording = findRecording(lab, server)
if (!recording) throw new Error('no recording: ./lab trace --launch')
const words = wantedWords(recording)
const files = recording.files.map((file) => trim(file, words)).filter(({ lines }) => lines.length > 0)
// One line of a log per line of the file; line numbers are written on one line.
const text = JSON.stringify({ ...recording, files }, null, 1).replaceAll(/\n +(\d+,?)(?=\n)/g, ' $1')
refuseSecrets(text, Object.values(loadSecrets(root)))
writeFileSync(resolve(import.meta.dirname, `recorded/${name}.json`), `${text}\n`)
console.log(`${name}: ${files.reduce((sum, { lines }) => sum + lines.length, 0)} lines, ${text.length} characters`)
