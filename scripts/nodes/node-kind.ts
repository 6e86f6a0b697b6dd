/**
 * The interface of a kind of node: everything that differs between VMs and containers. From ssh upwards nothing
 * differs.
 */

import type { Capabilities, Lab, LabHandle, LabNode, LibvirtDriver } from '../declaration/lab.ts'

/** How the nodes of a lab are kept and brought back. They are off where it is not said otherwise. */
export interface Checkpoint {
  /** What of the lab's folder the nodes are: a restore exchanges it. */
  entries: readonly string[]
  carriage: Carriage
  /** What can be done for a save in `folder` while the nodes run. */
  prepare(lab: Lab, folder: string): Promise<void>
  /** In place of an orderly shutdown: nodes that run are off afterwards, and continue at their next start. */
  freeze?(lab: Lab, nodes: readonly LabNode[]): Promise<void>
  /** Keeps what is on the disks, for a save in `folder`; from then on the nodes write elsewhere. Safe to repeat. */
  keep(lab: Lab, folder: string): Promise<void>
  /** Lays the disks of a save down in another folder, while the nodes may run. */
  layDown(lab: Lab, folder: string, to: string): Promise<void>
  /** Before the nodes' domains are removed: what they can be defined from again, if the lab is put back. */
  note?(lab: LabHandle): Promise<void>
  /** After the nodes were switched off hard: nothing holds their disks any more. */
  release(lab: { paths: Pick<Lab['paths'], 'data'> }): Promise<void>
  /** Nodes that a save or a restore which was killed holds, and which a start lets go. */
  findHeld?(lab: Lab): Promise<LabNode[]>
}

/** How a save without memory is taken out of a file for another machine, which anybody may have made. */
export interface Carriage {
  /** Why no second lab can be made of it beside its original; absent where one can. */
  single?: string
  /** Where the node image lies in what was unpacked. */
  image: string
  /** Types of the resources of Terraform that its nodes are made of. */
  resources: readonly string[]
  /** What a checkout has of the host key of each node: a node that made its own has shown its public half. */
  hostKeys: 'pair' | 'public'
  /**
   * Throws for whatever was unpacked in `folder` and is not the save of this lab. Afterwards it is one, but for its layers,
   * which are still in the folder itself.
   */
  accept(lab: Lab, folder: string): Promise<void>
}

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
  /** Returns when it answers. One that runs is left alone; one that shuts down is waited for and then started. */
  start(lab: Lab, node: LabNode): Promise<void>
  /** Whether its next start continues it with the memory that a save or a restore has laid down. Absent: it always boots. */
  continues?(lab: Pick<Lab, 'paths'>, node: Pick<LabNode, 'name'>): boolean
  /** In order, its disk kept. One that is off stays so. */
  stop(lab: Lab, node: LabNode): Promise<void>
  /** Gives one that is off the memory and processors that are declared now. */
  resize(lab: Lab, node: LabNode): Promise<void>
  checkpoint: Checkpoint
}
