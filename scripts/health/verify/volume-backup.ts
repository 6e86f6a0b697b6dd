/** `./lab verify --volumes`, where the lab has backups: what is saved of a volume is the same when it is restored. */

import { type BackupSource, createBackup, createSnapshot, createVolume, restoreBackup } from '../../cloud/volumes.ts'
import type { Link } from './chain.ts'
import { newContent, writeContent } from './guest-disk.ts'
import { attachAndSee, detachAndSee, seeContent, type VolumeRun } from './volume-data.ts'

export function backupLinks(run: VolumeRun): Link[] {
  const { lab, cloud, guest, prefix } = run
  const content = newContent()
  let source = ''
  let target = ''
  const saveAndRestore = async (name: string, of: Omit<BackupSource, 'volume'>) => {
    const backup = await createBackup(cloud, lab, `${prefix}${name}`, { volume: source, ...of })
    await restoreBackup(cloud, lab, backup, target)
    await attachAndSee(run, target)
    const seen = await seeContent(run, target, content)
    // What the next one brings must not be there already.
    await writeContent(lab, guest, target, newContent())
    await detachAndSee(run, target)
    return seen
  }
  return [
    {
      id: 'volumes/to-save',
      what: 'two more volumes are created, and the instance writes to one of them',
      see: async () => {
        source = (await createVolume(cloud, lab, { name: `${prefix}saved`, size: 1 })).id
        target = (await createVolume(cloud, lab, { name: `${prefix}restored`, size: 1 })).id
        await attachAndSee(run, source)
        await writeContent(lab, guest, source, content)
        return seeContent(run, source, content)
      },
    },
    {
      id: 'volumes/backup-attached',
      what: 'a backup of it while attached, restored to the other volume, has the same data',
      see: () => saveAndRestore('attached', { attached: true }),
    },
    {
      id: 'volumes/backup-detached',
      what: 'a backup of it while detached, restored, has the same data',
      see: async () => {
        await detachAndSee(run, source)
        return saveAndRestore('detached', {})
      },
    },
    {
      id: 'volumes/backup-snapshot',
      what: 'a backup of a snapshot of it, restored, has the same data',
      see: async () => {
        const snapshot = await createSnapshot(cloud, lab, `${prefix}saved`, source)
        return saveAndRestore('snapshot', { snapshot })
      },
    },
  ]
}
