/** Cinder's backend in containers: the NFS driver on a directory of the host that all nodes share. */

import { type Lab, nodesWith } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'
import { fileBackup } from './cinder-shared-backup.ts'
import type { Backend } from './cinder-storage.ts'

/** A folder on the host; each node mounts it at this path, as its domain says. */
export const sharedDirectory = '/srv/volumes'

/**
 * A container uses its host's kernel, which may have neither device-mapper nor iSCSI nor NFS. So volumes are files in a
 * shared directory. Cinder's and Nova's NFS drivers are the real ones; only the program that they mount the share with
 * is replaced. No data travels over NFS.
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
      // Cinder handles the files as root, because otherwise the driver refuses snapshots. So they belong to root, and
      // to QEMU while attached: Cinder must open them to everybody to read them, in a folder that only root can enter.
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

/** The program that mount(8) runs for the type nfs. */
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
