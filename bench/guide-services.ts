/**
 * The services by the guide's way, run where the nodes can be reached. `prepare DEBS WORKERS` turns our image into the
 * state from which a person would start, and is not counted; `run` does everything and writes .lab/guide.json.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { controllerOf, type LabNode, nodesWith } from '../scripts/declaration/lab.ts'
import { loadLab } from '../scripts/declaration/load.ts'
import { loadSecrets } from '../scripts/declaration/secrets.ts'
import { ensureFile } from '../scripts/engine/files.ts'
import { runOperations } from '../scripts/engine/run-operations.ts'
import { runExpected } from '../scripts/run/expected.ts'
import { runOnHost } from '../scripts/run/process.ts'
import { terminalProgress } from '../scripts/run/progress.ts'
import { sshHost } from '../scripts/run/ssh.ts'
import { backendOf } from '../scripts/services/cinder-backend.ts'
import { shellQuote } from '../scripts/terminal/shell-quote.ts'
import type { Phase } from './result.ts'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const guide = join(root, 'bench/guide')
const lab = loadLab(root)
const controller = controllerOf(lab)
const computes = nodesWith(lab, 'compute')

/** In the guide's order: which script runs on which nodes, and which files are sourced before it. */
const scripts: { name: string; on: readonly LabNode[]; with?: string }[] = [
  { name: 'hosts', on: lab.nodes },
  { name: 'chrony', on: lab.nodes },
  { name: 'mariadb', on: [controller] },
  { name: 'rabbitmq', on: [controller] },
  { name: 'memcached', on: [controller] },
  { name: 'keystone', on: [controller] },
  { name: 'glance', on: [controller] },
  { name: 'placement', on: [controller] },
  { name: 'nova', on: [controller], with: 'nova-keys' },
  { name: 'nova-compute', on: computes, with: 'nova-keys' },
  { name: 'nova-cells', on: [controller] },
  { name: 'neutron', on: [controller], with: 'neutron-keys' },
  { name: 'neutron-compute', on: computes, with: 'neutron-keys' },
  { name: 'cinder', on: [controller] },
  { name: 'horizon', on: [controller] },
  { name: 'cloud', on: [controller] },
]

const network = lab.networks.provider
/** One password for everything, as people usually choose when they follow the guide. */
const settings = {
  PASS: loadSecrets(root).admin_password,
  CONTROLLER: controller.address,
  COMPUTES: String(computes.length),
  HOSTS: lab.nodes.map(({ name, address }) => `${address} ${name}`).join('\n'),
  HYPERVISOR: lab.hypervisor,
  TIME_SCALE: String(lab.timeScale),
  MANAGEMENT: lab.networks.management.cidr,
  PROVIDER: network.cidr,
  GATEWAY: network.hostAddress,
  POOL_START: lab.providerPool.start,
  POOL_END: lab.providerPool.end,
  FLAVOR_RAM: String(lab.cloud.flavor.ramMiB),
}

const read = (name: string) => readFileSync(join(guide, `${name}.sh`), 'utf8')

function compose(names: readonly string[], node: LabNode): string {
  const variables = Object.entries({ ...settings, ADDRESS: node.address })
  return [...variables.map(([name, value]) => `${name}=${shellQuote(value)}`), ...names.map(read)].join('\n')
}

const copyTo = (node: LabNode, file: string, path: string) =>
  runOnHost('scp', ['-q', '-F', join(lab.paths.ssh, 'ssh_config'), file, `${node.name}:${path}`], { step: 'copy' })

/** Databases as the package leaves them, the packages that the image lacks, a substitute for NFS in containers. */
async function prepareNode(node: LabNode, debs: string, workers: string): Promise<void> {
  const backend = backendOf(lab)
  const names = readdirSync(debs)
  for (const name of names) await copyTo(node, join(debs, name), `/root/${name}`)
  if (node === controller) await copyTo(node, lab.paths.testImage, '/root/test.qcow2')
  const host = sshHost(lab, node)
  const files = backend.attaching('compute').files.filter((file) => file.node === undefined || file.node === node.name)
  const operations = files.map(ensureFile)
  await runOperations(host, operations, { label: 'bench', dry: false, timeScale: lab.timeScale, secrets: [] })
  const cap = `sed -i 's/^processes = .*/processes = ${workers}/' /etc/*/*-uwsgi.ini`
  await host.run(
    `cd /root; dpkg -i ${names.join(' ')} >/dev/null
rm -rf /var/lib/mysql
mariadb-install-db --user=mysql --skip-test-db --auth-root-authentication-method=socket >/dev/null
${workers ? cap : ''}`,
    { step: 'begin where the guide begins' },
  )
}

/** True once it answers; the guest may need up to a minute after it is ACTIVE. */
async function pingInstance(address: string): Promise<void> {
  const seconds = String(120 * lab.timeScale)
  await runOnHost('ping', ['-n', '-c', '1', '-w', seconds, address], { step: `ping ${address}` })
}

async function runGuide(): Promise<void> {
  const progress = terminalProgress()
  const phases: Phase[] = []
  const timed = async (name: string, work: () => Promise<void>) => {
    const start = performance.now()
    await progress.step(name, work)
    phases.push({ name, seconds: (performance.now() - start) / 1000 })
  }
  for (const { name, on, with: before } of scripts) {
    await timed(name, async () => {
      for (const node of on) {
        const script = compose(['lib', ...(before ? [before] : []), name], node)
        await sshHost(lab, node).run(script, { step: name, timeoutSeconds: 1800 * lab.timeScale })
      }
    })
  }
  await timed('verify', async () => {
    const seen = await sshHost(lab, controller).run(compose(['lib', 'verify'], controller), { step: 'verify' })
    await pingInstance(seen.trim().split('\n').at(-1)!)
  })
  writeFileSync(join(lab.paths.state, 'guide.json'), JSON.stringify(phases))
}

await runExpected(async () => {
  const [what, debs = '', workers = ''] = process.argv.slice(2)
  if (what === 'prepare') await Promise.all(lab.nodes.map((node) => prepareNode(node, debs, workers)))
  else await runGuide()
})
