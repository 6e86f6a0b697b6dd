/**
 * The interface of a kind of node: everything that differs between VMs and containers. From ssh upwards nothing
 * differs.
 */

import type { Capabilities, Lab, LabNode, LibvirtDriver } from '../declaration/lab.ts'

export interface NodeKind {
  /** libvirt's driver, by which its domains are reached: `lab.libvirtUris[driver]`. */
  driver: LibvirtDriver
  /** Which part of the node image it uses: the tree itself, or a disk made from it, which a stock image can replace. */
  image: 'tree' | 'disk'
  /** Its kernel, clock, load and disk are this machine's. */
  sharesHost: boolean
  /** Terraform's libvirt provider makes its domain, sees whether it runs and removes it with its disks. */
  byProvider: boolean
  /** It needs a processor with hardware virtualization. */
  usesKvm: boolean
  /** How much longer it computes than this machine itself. */
  slowdown: number
  /** What its kernel allows; found by probing where that is this machine's. */
  capabilities(): Promise<Capabilities>
  /** Whether nodes can have the tunnels of self-service networks. */
  hasVxlan(): Promise<boolean>
  /** Does the part of its creation that Terraform's provider does not do, and waits until it answers. Safe to repeat. */
  create(lab: Lab, node: LabNode): Promise<void>
  /** Powers it off hard, and removes what Terraform's provider does not. Safe to repeat. */
  destroy(lab: Lab, node: Pick<LabNode, 'name'>): Promise<void>
  /** Returns when it answers. One that runs is left alone. */
  start(lab: Lab, node: LabNode): Promise<void>
  /** In order, its disk kept. One that is off stays so. */
  stop(lab: Lab, node: LabNode): Promise<void>
  /** Gives one that is off the memory and processors that are declared now. */
  resize(lab: Lab, node: LabNode): Promise<void>
}
