/** Properties of a node that cannot change on a running lab, and how to change them anyway. Pure. */

import type { Declaration, DeclaredNode } from '../../declaration/declaration.ts'
import type { Finding } from '../../declaration/errors.ts'
import type { Hypervisor } from '../../declaration/lab.ts'
import { type BuiltNode, recordOf } from './built-nodes.ts'

const rebuild = './lab up --rebuild (a new lab in its place)'

/** Every difference to the built node whose change would destroy the node's data. */
export function checkBuiltNodes(
  declaration: Pick<Declaration, 'nodes' | 'nodePlaces'>,
  hypervisor: Hypervisor,
  built: readonly BuiltNode[],
): Finding[] {
  const placeOf = (name: string) => declaration.nodePlaces[name] ?? 'ansible-vars/hosts.yml'
  const controller = built.find(({ roles }) => roles.includes('controller'))
  const declared = declaration.nodes.find(({ roles }) => roles.includes('controller'))
  const renamed: Finding[] =
    controller && declared && controller.name !== declared.name
      ? [
          {
            where: placeOf(declared.name),
            given: `the controller is ${declared.name}`,
            allowed: `${controller.name}, as the lab was built: databases and message broker are tied to that name`,
            remedy: rebuild,
          },
        ]
      : []
  const changed = declaration.nodes.flatMap((node) => {
    const before = built.find(({ name }) => name === node.name)
    return before ? compareNode(node, before, hypervisor).map((one) => ({ where: placeOf(node.name), ...one })) : []
  })
  return [...renamed, ...changed]
}

function compareNode(node: DeclaredNode, before: BuiltNode, hypervisor: Hypervisor): Omit<Finding, 'where'>[] {
  const now = recordOf(hypervisor, node)
  const remedy = wayAround(before)
  const findings: Omit<Finding, 'where'>[] = []
  const compare = (key: string, given: string | number, fixed: string | number) => {
    if (given === fixed) return
    const allowed = `${fixed}, as ${node.name} was built`
    findings.push({ given: `${node.name}: ${key}: ${given}`, allowed, remedy })
  }
  compare('ansible_host', now.address, before.address)
  compare('disk_gib', now.disk, before.diskGiB)
  // A disk more or less is another machine for libvirt.
  compare('volume_disk_gib', now.volume_disk, before.volumeDiskGiB)
  const lost = before.roles.filter((role) => !node.roles.includes(role))
  if (lost.length > 0) {
    const allowed = `${before.roles.join(', ')}, as ${node.name} was built; groups can be added but not removed`
    findings.push({ given: `${node.name}: no longer in the group ${lost.join(', ')}`, allowed, remedy })
  }
  return findings
}

function wayAround({ name, roles }: BuiltNode): string {
  if (roles.includes('controller')) return rebuild
  return `take ${name} out of ansible-vars/hosts.yml, ./lab up, and declare it anew; or ${rebuild}`
}
