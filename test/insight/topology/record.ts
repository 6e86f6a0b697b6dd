/**
 * Records what the nodes of a running lab print about their network: `./lab exec -- npx tsx
 * test/insight/topology/record.ts`.
 */

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadLab } from '../../../scripts/declaration/load.ts'
import { readTopology, wiringScript } from '../../../scripts/insight/topology/read.ts'
import { runOnHost } from '../../../scripts/run/process.ts'
import { disconnect, sshHost } from '../../../scripts/run/ssh.ts'

const lab = loadLab(resolve(import.meta.dirname, '../../..'))
const folder = lab.networking === 'self-service' ? 'recorded/self-service' : 'recorded'
const write = (name: string, text: string) => writeFileSync(resolve(import.meta.dirname, folder, name), text)
for (const node of lab.nodes)
  write(`${node.name}.txt`, await sshHost(lab, node).run(wiringScript, { step: 'record the wiring' }))
write('host.json', (await runOnHost('ip', ['-j', '-d', 'addr'], { step: 'record the host' })).stdout)
const { networks, ports, routers, floatingIps } = await readTopology(lab)
const { provider, management } = lab.networks
const names = { lab: { networks: { provider, management } }, networks, ports, routers, floatingIps }
write('names.json', `${JSON.stringify(names, null, 1)}\n`)
disconnect()
