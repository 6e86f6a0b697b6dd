/**
 * Measures how much the recorder slows a launch, alternating with and without it: `./lab exec -- npx tsx
 * test/insight/trace/overhead.ts [PAIRS]`.
 */

import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCloud } from '../../../scripts/cloud/client.ts'
import { metadataOf } from '../../../scripts/cloud/mark.ts'
import { loadLab } from '../../../scripts/declaration/load.ts'
import { loadSecrets } from '../../../scripts/declaration/secrets.ts'
import {
  makeObjects,
  type Removers,
  removeObjects,
  waitUntilGone,
} from '../../../scripts/insight/trace/launch-objects.ts'
import { recordingFolder, startRecorder, stopRecorder } from '../../../scripts/insight/trace/recorder.ts'
import { disconnect, sshHost } from '../../../scripts/run/ssh.ts'

const lab = loadLab(resolve(import.meta.dirname, '../../..'))
const secrets = loadSecrets(lab.root)
const cloud = await openCloud(lab, secrets)
const removers: Removers = []
const name = 'trace-overhead'
const { image, flavor, network } = await makeObjects(
  cloud,
  { ...lab, services: { ...lab.services, cinder: false } },
  name,
  {},
  removers,
)

/** Milliseconds from the request until ACTIVE is seen. */
async function launch(): Promise<number> {
  const server = {
    name,
    imageRef: image,
    flavorRef: flavor,
    networks: [{ uuid: network.id }],
    metadata: metadataOf(lab),
  }
  const began = performance.now()
  const made = await cloud.post<{ server: { id: string } }>('compute', '/servers', { body: { server } })
  const path = `/servers/${made.server.id}`
  let status = 'BUILD'
  while (status === 'BUILD') {
    await sleep(250)
    status = (await cloud.get<{ server: { status: string } }>('compute', path)).server.status
  }
  const took = performance.now() - began
  if (status !== 'ACTIVE') throw new Error(`the instance is ${status}`)
  await cloud.delete('compute', path)
  await waitUntilGone(cloud, lab, 'compute', path)
  return took
}

async function recorded(): Promise<{ took: number; cpu: number[] }> {
  const id = randomUUID().slice(0, 8)
  await startRecorder(lab, id, 600)
  const took = await launch()
  await stopRecorder(lab, id)
  const read = lab.nodes.map((node) =>
    sshHost(lab, node).run(`cat ${recordingFolder(id)}/summary.json`, { step: 'read the cost' }),
  )
  return { took, cpu: (await Promise.all(read)).map((text) => (JSON.parse(text) as { cpu: number }).cpu) }
}

const median = (values: number[]) => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
const show = (values: number[]) => values.map((value) => (value / 1000).toFixed(1)).join(' ')

const pairs = Number(process.argv[2] ?? 5)
const [plain, traced, cpu]: [number[], number[], number[][]] = [[], [], []]
// Only the first launch fetches the image.
await launch()
for (let pair = 0; pair < pairs; pair++) {
  plain.push(await launch())
  const one = await recorded()
  traced.push(one.took)
  cpu.push(one.cpu)
}
await removeObjects(removers)
console.log(`without: ${show(plain)} s, median ${(median(plain) / 1000).toFixed(2)} s`)
console.log(`with:    ${show(traced)} s, median ${(median(traced) / 1000).toFixed(2)} s`)
console.log(`processor time of the recorder, by node: ${cpu.map((one) => one.join('+')).join(' ')} s`)
disconnect()
