/** What each key of ansible-vars/hosts.yml means, by group of nodes. */

import { type KeyNote, prefixed } from './key-note.ts'

const group = 'the value of its group'
const ofHost = (memory: number): Record<string, KeyNote> => ({
  ansible_host: { means: "The node's address on the management network. Ansible uses it too." },
  vcpus: { means: 'Virtual CPUs of this node.', unit: 'CPUs', without: group },
  memory_mib: { means: `Memory of this node; at least ${memory} MiB.`, unit: 'MiB', without: group },
  disk_gib: { means: 'System disk of this node.', unit: 'GiB', without: group },
  volume_disk_gib: {
    means: 'The second disk of a storage node, for Cinder.',
    unit: 'GiB',
    without: 'the value in group_vars/storage.yml',
  },
})

/** A storage node that is in no other group has no group from which to take its sizes. */
const onItsOwn: Record<string, KeyNote> = {
  ...Object.fromEntries(
    Object.entries(ofHost(1024)).map(([key, note]) => [
      key,
      { ...note, without: "taken from the node's entry in its other group; required if there is none" },
    ]),
  ),
  volume_disk_gib: { ...ofHost(1024)['volume_disk_gib']! },
}

export const hostsNotes: Record<string, KeyNote> = {
  'all.children.controller.hosts': {
    means: 'The node with databases, message queue, all APIs and the dashboard. Exactly one.',
  },
  ...prefixed('all.children.controller.hosts.*', ofHost(2048)),
  'all.children.compute.hosts': { means: 'The nodes that run instances: one or more.' },
  ...prefixed('all.children.compute.hosts.*', ofHost(1024)),
  'all.children.storage.hosts': {
    means:
      "Nodes that store Cinder's volumes: a node of another group, listed again without settings, or a separate node.",
    without: 'no storage nodes; cinder must be off',
  },
  ...prefixed('all.children.storage.hosts.*', onItsOwn),
}
