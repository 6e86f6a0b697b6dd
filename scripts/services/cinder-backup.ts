/** Backups of volumes: a daemon on the controller that reads a volume as a node does, and writes it to a folder. */

import { controllerOf, type Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, Part, Step } from '../engine/service.ts'
import { backendOf } from './cinder-backend.ts'
import { backupPath, cinderPrivsep, controllerCinderConf } from './cinder-config.ts'
import { privsepSudoers } from './privsep.ts'
import { slowUnit } from './service-timeouts.ts'

const unit = 'cinder-backup'

/** Without backups, stops the daemon of a lab that had them; a node that never had it has nothing to stop. */
export const withoutBackup = (lab: Lab): Pick<Part, 'absentUnits'> => (lab.volumeBackup ? {} : { absentUnits: [unit] })

/** On the controller, so that backups survive the loss of a storage node; it attaches volumes like a compute node. */
export function backupParts(lab: Lab, secrets: Secrets): Part[] {
  if (!lab.volumeBackup) return []
  const backend = backendOf(lab)
  const attaching = backend.attaching('controller')
  return [
    {
      ...attaching,
      on: 'controller',
      packages: [unit, ...attaching.packages],
      files: [
        controllerCinderConf(lab, secrets),
        backupFolder,
        privsepSudoers(cinderPrivsep),
        slowUnit(lab, unit),
        ...attaching.files,
        ...backend.backup.files,
      ],
      units: [...attaching.units, unit],
    },
  ]
}

const backupFolder: ConfigFile = {
  path: backupPath,
  directory: true,
  content: '',
  owner: 'cinder',
  group: 'cinder',
  mode: '0700',
}

/** Otherwise a removed service would be shown as down forever. */
export function forgetBackup(lab: Lab): Step[] {
  if (lab.volumeBackup) return []
  const rows = `mariadb -N -B cinder -e "SELECT host FROM services WHERE deleted = 0 AND topic = '${unit}'"`
  return [
    {
      name: `no ${unit} among the services`,
      unless: `test -z "$(${rows})"`,
      run: `runuser -u cinder -- cinder-manage service remove ${unit} ${controllerOf(lab).name}`,
    },
  ]
}
