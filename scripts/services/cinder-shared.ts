/** Cinder's backend in containers: the NFS driver over a directory that all nodes share through their host. */

import { type Lab, nodesWith } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'
import { fileBackup } from './cinder-shared-backup.ts'
import type { Backend } from './cinder-storage.ts'

/** A folder of the host, seen under this path by every node: its domain mounts it. */
export const sharedDirectory = '/srv/volumes'

/**
 * A container has its host's kernel, and that may lack device-mapper, iSCSI and NFS alike. So volumes are files in a
 * shared directory. Cinder's and Nova's NFS drivers are the real ones; what stands in is the one program they would
 * mount the share with. No byte travels over NFS.
 */
export function sharedBackend(lab: Lab): Backend {
  const [storage] = nodesWith(lab, 'storage')
  const shares = '/etc/cinder/nfs_shares'
  return {
    name: 'shared',
    options: {
      volume_driver: 'cinder.volume.drivers.nfs.NfsDriver',
      nfs_shares_config: shares,
      nfs_snapshot_support: true,
      // Cinder handles files as root, without which the driver refuses snapshots. They are root's then, and QEMU's while
      // they are attached: to look into them it needs them open to all, in a folder that only root enters.
      nas_secure_file_operations: false,
      nas_secure_file_permissions: false,
    },
    storage: {
      packages: [],
      files: [
        mountHelper,
        { path: shares, content: `${storage?.name}:${sharedDirectory}\n`, group: 'cinder', mode: '0640' },
      ],
      units: [],
      absentUnits: ['tgt'],
    },
    attaching: () => ({ packages: [], files: [mountHelper], units: [] }),
    backup: fileBackup,
  }
}

/** What mount(8) runs for the type nfs. */
const mountHelper: ConfigFile = {
  path: '/usr/sbin/mount.nfs',
  mode: '0755',
  content: `#!/bin/sh
# Duostack: the nodes of a container lab share directories through their host. "NODE:/PATH" is mounted by binding /PATH.
# The drivers look whether there is such a program by running it without arguments.
[ $# -ge 2 ] || { echo 'usage: mount.nfs NODE:/PATH DIRECTORY' >&2; exit 1; }
exec mount --bind "\${1#*:}" "$2"
`,
}
