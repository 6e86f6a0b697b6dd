/** The differences between existing and declared nodes that can be applied to a running lab. Pure. */

import { isSelfService, type Lab, type LabNode } from '../../declaration/lab.ts'
import { domainName } from '../../libvirt/domain-name.ts'
import type { LibvirtDomain } from '../../libvirt/xml.ts'
import type { StateResource } from '../../terraform/state.ts'
import { readBuiltNodes } from './built-nodes.ts'

interface Size {
  memoryMiB: number
  vcpus: number
}

export interface NodeChanges {
  /** Names of existing nodes that are no longer declared. */
  retired: string[]
  /** Nodes whose domain has another size than declared, with the size that it has. */
  resized: { node: LabNode; from: Size }[]
}

type Domains = readonly Pick<LibvirtDomain, 'name' | 'memoryMiB' | 'vcpus'>[]

/** `state`: of the stack `nodes`; if it is lost, only the domains are known. */
export function findNodeChanges(lab: Lab, domains: Domains, state: readonly StateResource[]): NodeChanges {
  const built = readBuiltNodes(state).map(({ name }) => name)
  const prefix = domainName(lab, '')
  const standing = domains.flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
  const declared = new Set(lab.nodes.map(({ name }) => name))
  const resized = lab.nodes.flatMap((node) => {
    const domain = domains.find(({ name }) => name === domainName(lab, node.name))
    if (!domain || !built.includes(node.name)) return []
    const { memoryMiB, vcpus } = domain
    return memoryMiB === node.memoryMiB && vcpus === node.vcpus ? [] : [{ node, from: { memoryMiB, vcpus } }]
  })
  return {
    retired: [...new Set([...built, ...standing])].filter((name) => !declared.has(name)),
    resized,
  }
}

/** `memory_mib 2048 → 3072`, and the same of the CPUs where they differ. */
export function describeSize({ node, from }: NodeChanges['resized'][number]): string {
  const pairs = [
    ['memory_mib', from.memoryMiB, node.memoryMiB],
    ['vcpus', from.vcpus, node.vcpus],
  ] as const
  return pairs
    .filter(([, now, wanted]) => now !== wanted)
    .map(([key, now, wanted]) => `${key} ${now} → ${wanted}`)
    .join(', ')
}

/** What the next `up` does to nodes, a line each; also to those that were built and do not run any more. */
export function describeNodeChanges(lab: Lab, domains: readonly LibvirtDomain[], state: readonly StateResource[]) {
  const { retired, resized } = findNodeChanges(lab, domains, state)
  const built = readBuiltNodes(state).map(({ name }) => name)
  const down = lab.nodes
    .filter(({ name }) => built.includes(name))
    .flatMap(({ name }) => {
      const domain = domains.find((one) => one.name === domainName(lab, name))
      if (domain?.running) return []
      return [`${name}: is started: its domain is ${domain ? 'shut off' : 'missing'}`]
    })
  return [
    ...retired.map((name) => `${name}: is removed: it is no longer in hosts.yml`),
    ...resized.map((change) => `${change.node.name}: ${describeSize(change)}, after a clean shutdown`),
    ...down,
  ]
}

/** Cinder is on in Terraform's state, but declared off. */
export function isSwitchedOff(lab: Lab, service: 'cinder', services: readonly StateResource[]): boolean {
  const found = services.find(({ type, name }) => type === 'terraform_data' && name === service)
  const { value } = (found?.attributes['triggers_replace'] ?? {}) as { value?: { digest?: string } }
  return !lab.services[service] && value?.digest !== undefined
}

/** What a self-service lab has made is in Terraform's state, but the declaration has no routers, or not its user. */
export function losesRouting(lab: Lab, cloud: readonly StateResource[]): boolean {
  const has = (resource: string) => cloud.some(({ address }) => address === `openstack_${resource}`)
  const noUser = !lab.services.demo && has('compute_keypair_v2.demo_keypair')
  return noUser || (!isSelfService(lab) && has('networking_router_v2.router'))
}
