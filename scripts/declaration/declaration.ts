/** The Declaration: the content of ansible-vars/, checked, with `auto` not yet resolved. */

import type { Finding } from './errors.ts'
import type { CloudDeclaration, Hypervisor, Isolation, Lab, LabNode, StockImage, VlanNetwork } from './lab.ts'

export interface DeclaredNetwork {
  /** `10.0.0.0/24` */
  cidr: string
  hostAddress: string
}

export type DeclaredVlan = Omit<VlanNetwork, 'interface' | 'prefixLength'>

export type DeclaredNode = Omit<LabNode, 'macs'>

export interface Declaration
  extends Pick<
    Lab,
    | 'region'
    | 'networking'
    | 'outbound'
    | 'dns'
    | 'providerPool'
    | 'services'
    | 'volumeProvisioning'
    | 'volumeBackup'
    | 'checkpoint'
    | 'apiWorkers'
    | 'configOverrides'
  > {
  name: string
  hypervisor: Hypervisor | 'auto'
  isolation: Isolation | 'auto'
  /** `lab_node_image` */
  stockImage?: StockImage
  networks: {
    management: DeclaredNetwork
    provider: DeclaredNetwork
    vlan?: DeclaredVlan
    vlanRange: readonly [number, number]
  }
  nodes: readonly DeclaredNode[]
  cloud: CloudDeclaration
  /** Positions of a few values (`ansible-vars/group_vars/all.yml:12:3`), for mistakes that only checks of the host find. */
  places: Readonly<Record<Place, string>>
  /** The position of each node's name in ansible-vars/hosts.yml. */
  nodePlaces: Readonly<Record<string, string>>
  /** Warnings, which do not prevent a lab from being built. */
  advice?: readonly Finding[]
}

export type Place =
  | 'name'
  | 'region'
  | 'hypervisor'
  | 'isolation'
  | 'nodeImage'
  | 'management'
  | 'provider'
  | 'vlan'
  | 'networking'
  | 'dashboard'
  | 'console'
