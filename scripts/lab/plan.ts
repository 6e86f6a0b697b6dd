/** `./lab plan`: what would be built, or what would change on a living lab; touches nothing. */

import { freemem, totalmem } from 'node:os'
import { defineCommand } from 'citty'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { readDrift } from '../engine/drift.ts'
import { enterLab, insideLab } from '../host/namespace.ts'
import { enabledServices, serviceOf } from '../services/index.ts'
import { checkout } from './checkout.ts'
import { planStack, synthesize } from './terraform-run.ts'

function describeLab(lab: Lab): string[] {
  const { management, provider, vlan } = lab.networks
  const memoryMiB = lab.nodes.reduce((sum, node) => sum + node.memoryMiB, 0)
  const diskGiB = lab.nodes.reduce((sum, node) => sum + node.diskGiB + node.volumeDiskGiB, 0)
  const secrets = loadSecrets(lab.root)
  return [
    `lab ${lab.name}: hypervisor ${lab.hypervisor}, isolation ${lab.isolation}`,
    'nodes',
    ...lab.nodes.map(
      (node) =>
        `  ${node.name}: ${node.roles.join(', ')}; ${node.address}; ${node.vcpus} vCPU, ${node.memoryMiB} MiB, disk ${node.diskGiB} GiB` +
        (node.volumeDiskGiB ? `, volumes ${node.volumeDiskGiB} GiB` : ''),
    ),
    'networks',
    `  ${management.name}: ${management.cidr}, this host ${management.hostAddress}`,
    `  ${provider.name}: ${provider.cidr}, this host ${provider.hostAddress}, instances ${lab.providerPool.start} to ${lab.providerPool.end}`,
    ...(vlan ? [`  VLAN ${vlan.id} ${vlan.name}: ${vlan.cidr}`] : []),
    'services',
    ...enabledServices(lab).map((name) => {
      const service = serviceOf(lab, secrets, name)
      const on = [...new Set(service.parts.map((part) => part.on))].join(', ')
      return `  ${name}: on ${on}${service.needs.length ? `; after ${service.needs.join(', ')}` : ''}${service.identity ? `; ${service.identity.url}` : ''}`
    }),
    `totals: ${memoryMiB} MiB of ${Math.round(totalmem() / 2 ** 20)} MiB memory (${Math.round(freemem() / 2 ** 20)} MiB free), up to ${diskGiB} GiB disk`,
  ]
}

/** Drift and Terraform's plans of a living lab. The cloud can be asked only where its Keystone answers. */
async function describeChanges(lab: Lab): Promise<string[]> {
  await synthesize(lab)
  const drift = await readDrift(lab)
  const lines = [...drift].flatMap(([service, changes]) =>
    changes.map((change) => `  ${service}: ${change.node}: ${change.title}: ${change.reason}`),
  )
  const plans: string[] = []
  for (const stack of ['nodes', 'services', 'cloud'] as const) {
    const plan = await planStack(lab, stack)
    plans.push(plan.changed ? `stack ${stack}:\n${plan.text.trimEnd()}` : `stack ${stack}: no changes`)
  }
  return [
    lines.length ? 'drift on the nodes, repaired by the next up:' : 'drift on the nodes: none',
    ...lines,
    ...plans,
  ]
}

export default defineCommand({
  meta: {
    name: 'plan',
    description: 'Shows what `up` would build; on a living lab, what it would change, drift included. Touches nothing.',
  },
  async run() {
    const lab = loadLab(checkout)
    const living = readIdentity(checkout) !== undefined
    if (living && !insideLab(lab)) {
      process.exitCode = await enterLab(lab, [process.execPath, ...process.execArgv, process.argv[1]!, 'plan'])
      return
    }
    console.log(describeLab(lab).join('\n'))
    if (living) console.log((await describeChanges(lab)).join('\n'))
    else console.log('No lab is built here yet: `./lab up` would build all of this.')
  },
})
