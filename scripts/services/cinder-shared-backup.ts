/** The backup driver for volumes that are files: Cinder's own, with its errors for files corrected. */

import type { ConfigFile } from '../engine/service.ts'

const module = 'duostack_backup'

export const fileBackup: { driver: string; files: ConfigFile[] } = {
  driver: `${module}.FileBackupDriver`,
  files: [
    {
      path: `/usr/lib/python3/dist-packages/${module}.py`,
      content: `"""Backups of volumes that are files: of their bytes, whatever the file is, and restored to the volume's whole size."""

from eventlet import tpool
from oslo_concurrency import processutils

from cinder.backup.drivers import posix
from cinder import exception
from cinder.image import image_utils
from cinder import objects


class FileBackupDriver(posix.PosixBackupDriver):
    def backup(self, backup, volume_file, backup_metadata=True):
        head = volume_file.read(16)
        volume_file.seek(0)
        if head[:4] != b'QFI\\xfb':
            return super().backup(backup, volume_file, backup_metadata)
        # cinder-backup would save the file as if it were the volume's bytes. A snapshot makes a qcow2 of it, which holds
        # what was written since and rests on what was before.
        if any(head[8:]):
            reason = 'it has snapshots, and its file is not its bytes: back up a snapshot (--snapshot)'
            raise exception.InvalidVolume(reason=reason)
        # Where they are gone, the one of a backup of an attached volume too, it stays one and holds everything.
        with image_utils.temporary_file() as whole:
            processutils.execute('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', volume_file.name, whole)
            with open(whole, 'rb') as bytes_of_volume:
                return super().backup(backup, tpool.Proxy(bytes_of_volume), backup_metadata)

    def restore(self, backup, volume_id, volume_file):
        super().restore(backup, volume_id, volume_file)
        # The file was cut to nothing before; a volume that is larger than its backup must not stay shorter than it is.
        size = objects.Volume.get_by_id(self.context, volume_id).size << 30
        volume_file.truncate(size)
`,
    },
  ],
}
