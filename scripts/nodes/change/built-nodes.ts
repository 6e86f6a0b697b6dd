/**
 * The existing nodes with those properties that cannot change later. They are stored in Terraform's state and read from
 * there.
 */

import type { DeclaredNode } from '../../declaration/declaration.ts'
import { type Hypervisor, type Role, roles } from '../../declaration/lab.ts'
import type { StateResource } from '../../terraform/state.ts'
import { kindOf } from '../kind-of.ts'

/** As it is in the state: `input` of a node's terraform_data, which changes in place. */
export interface NodeRecord {
  node: string
  address: string
  /** `controller,storage` */
  roles: string
  /** GiB; 0 where the node's disk is this machine's. */
  disk: number
  volume_disk: number
}

export interface BuiltNode {
  name: string
  address: string
  roles: readonly Role[]
  diskGiB: number
  volumeDiskGiB: number
}

/** What is recorded about a node when it is created. */
export function recordOf(hypervisor: Hypervisor, node: Omit<DeclaredNode, 'vcpus' | 'memoryMiB'>): NodeRecord {
  const { sharesHost } = kindOf({ hypervisor })
  return {
    node: node.name,
    address: node.address,
    roles: node.roles.join(','),
    disk: sharesHost ? 0 : node.diskGiB,
    volume_disk: sharesHost ? 0 : node.volumeDiskGiB,
  }
}

/** From the state of the stack `nodes`. A half-created node has no reliable record. */
export function readBuiltNodes(state: readonly StateResource[]): BuiltNode[] {
  return state.flatMap(({ type, tainted, attributes }) => {
    const { value } = (attributes['input'] ?? {}) as { value?: Partial<NodeRecord> }
    if (type !== 'terraform_data' || tainted || !value?.node) return []
    const { node, address = '', disk = 0, volume_disk = 0 } = value
    const built = roles.filter((role) => value.roles?.split(',').includes(role))
    return [{ name: node, address, roles: built, diskGiB: disk, volumeDiskGiB: volume_disk }]
  })
}
