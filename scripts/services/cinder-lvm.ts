/** Cinder's LVM backend: a thin pool on the storage node's second disk, attached over iSCSI. */

import { type Lab, type LabNode, nodesWith } from '../declaration/lab.ts'
import type { ConfigFile, Step } from '../engine/service.ts'
import type { Backend } from './cinder-storage.ts'
import { unitDropIn } from './unit-drop-in.ts'

const volumeGroup = 'cinder-volumes'

/** By serial number: whether a disk becomes vda or vdb is not certain. */
const disk = '/dev/disk/by-id/virtio-duostack-volumes'

export function lvmBackend(lab: Lab): Backend {
  const storage = nodesWith(lab, 'storage')
  return {
    name: 'lvm',
    options: {
      volume_driver: 'cinder.volume.drivers.lvm.LVMVolumeDriver',
      volume_group: volumeGroup,
      // Cinder's name for thick is `default`.
      lvm_type: lab.volumeProvisioning === 'thin' ? 'thin' : 'default',
      target_protocol: 'iscsi',
      target_helper: 'tgtadm',
    },
    storage: {
      packages: ['lvm2', 'thin-provisioning-tools', 'tgt', 'open-iscsi'],
      files: [
        ...storage.map(lvmFilter),
        ...storage.map(targetDaemon),
        zeroByWriting,
        { path: '/etc/tgt/conf.d/cinder_tgt.conf', content: 'include /var/lib/cinder/volumes/*\n' },
        ...(lab.timeScale > 1 ? [cheapRootwrap, cheapRootwrapSudoers] : []),
      ],
      setup: [volumeGroupStep],
      // iscsid too: writing an image to a new volume attaches the volume to this node.
      units: ['tgt', 'iscsid'],
    },
    attaching: (role) => ({
      packages: ['open-iscsi'],
      files: [...nodesWith(lab, role).map(lvmFilter), zeroByWriting],
      units: ['iscsid'],
    }),
    backup: { driver: 'cinder.backup.drivers.posix.PosixBackupDriver', files: [] },
  }
}

/**
 * LVM sees only its own disk, not volumes attached over iSCSI: what an instance wrote on those does not concern the
 * node, and lvm2-monitor delays the node's shutdown for minutes if such a disk disappears first. It monitors nothing:
 * no thin pool is extended automatically, and dmeventd, which lvcreate starts as a process of cinder-volume's unit,
 * ignores SIGTERM, so the unit would stop only after its timeout.
 */
function lvmFilter(node: LabNode): ConfigFile {
  const accepted = node.roles.includes('storage') ? `"a|^${disk}$|", ` : ''
  return {
    path: '/etc/lvm/lvmlocal.conf',
    node: node.name,
    content: `activation {\n  monitoring = 0\n}\ndevices {\n  global_filter = [ ${accepted}"r|.*|" ]\n}\n`,
  }
}

/**
 * tgtd claims that it can zero a range by unmapping it, but fails on a logical volume: each request fails after
 * seconds, and instances log I/O errors when they create or grow a file system. Writing zeros always works.
 */
const zeroByWriting: ConfigFile = {
  path: '/etc/udev/rules.d/90-duostack-iscsi.rules',
  content: 'ACTION=="add", SUBSYSTEM=="scsi_disk", ATTRS{vendor}=="IET", ATTR{zeroing_mode}="write"\n',
}

/** Without an explicit portal tgtd listens on every address of the node. */
function targetDaemon(node: LabNode): ConfigFile {
  const start = `/usr/sbin/tgtd -f --iscsi portal=${node.address}:3260`
  return { ...unitDropIn('tgt', { Service: ['ExecStart=', `ExecStart=${start}`] }), node: node.name }
}

/** Both halves are checked, so a run killed between them is finished later; a disk with anything on it is refused. */
const volumeGroupStep: Step = {
  name: `volume group ${volumeGroup}`,
  unless: `vgs ${volumeGroup} >/dev/null 2>&1`,
  run: `test -b ${disk} || { echo 'there is no disk with the serial number duostack-volumes' >&2; exit 1; }
if ! pvs ${disk} >/dev/null 2>&1; then
  found=$(wipefs --noheadings ${disk})
  test -z "$found" || { echo "${disk} is not empty: $found" >&2; exit 1; }
  pvcreate ${disk}
fi
vgcreate ${volumeGroup} ${disk}`,
}

/**
 * The driver runs a dozen LVM commands at start and some for each volume, all through rootwrap: a Python program that
 * takes half a minute on an emulated node, so the backend takes twelve minutes to start. This does in sh what
 * /etc/cinder/rootwrap.d/volume.filters allows; every other command still goes to rootwrap.
 */
const cheapRootwrap: ConfigFile = {
  path: '/usr/local/sbin/cinder-rootwrap',
  mode: '0755',
  content: `#!/bin/sh
# The LVM rows of /etc/cinder/rootwrap.d/volume.filters; the rest is rootwrap's.
filters=$1
allowed() {
  [ "$1" = env ] || { [ "$1" = lvremove ] || [ "$1" = lvchange ]; return; }
  shift
  while :; do
    case $1 in
      LC_ALL=C | LVM_SYSTEM_DIR=* | LVM_SUPPRESS_FD_WARNINGS=*) shift ;;
      pvs | vgs | lvs | lvdisplay | lvcreate | lvextend) return 0 ;;
      *) return 1 ;;
    esac
  done
}
if [ "$filters" = /etc/cinder/rootwrap.conf ]; then
  shift
  allowed "$@" && exec "$@"
  set -- "$filters" "$@"
fi
exec /usr/bin/cinder-rootwrap "$@"
`,
}

const cheapRootwrapSudoers: ConfigFile = {
  path: '/etc/sudoers.d/duostack-cinder-rootwrap',
  mode: '0440',
  content: `cinder ALL = (root) NOPASSWD: ${cheapRootwrap.path} /etc/cinder/rootwrap.conf *\n`,
}
