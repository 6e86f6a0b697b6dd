/** Changes inside nodes: the scripts that make and undo one, and the forms that most of them have. */

import { createHash } from 'node:crypto'
import { type Lab, type LabNode, nodesWith } from '../declaration/lab.ts'
import type { NodeChange } from './exercise.ts'

const folder = '/var/lib/duostack-exercise'

/** A break whose sender was killed may still be running when it is to be undone. */
const oneAtATime = 'exec 9>/run/duostack-exercise.lock\nflock 9'

/** Its name tells nothing: it may be seen while the cause is still looked for. */
const keptBy = (change: NodeChange) =>
  `${folder}/${createHash('sha256').update(change.break).digest('hex').slice(0, 8)}`

/** Makes the change. Begins with an empty `$kept`. */
export const breakScript = (change: NodeChange): string => `set -eu
${oneAtATime}
kept=${keptBy(change)}
rm -rf $kept
install -d -m 700 ${folder} $kept
${change.break}`

/** Undoes it; the second time there is nothing to do. */
export const restoreScript = (change: NodeChange): string => `set -eu
${oneAtATime}
kept=${keptBy(change)}
if [ -d $kept ]; then
${change.restore}
rm -rf $kept
rmdir --ignore-fail-on-non-empty ${folder}
fi`

/** On every compute node: with one that is well, instances would go there. */
export const nodesOf = (lab: Lab, { on }: Pick<NodeChange, 'on'>): LabNode[] => nodesWith(lab, on)

export const stoppedUnit = (on: NodeChange['on'], unit: string): NodeChange => ({
  on,
  break: `systemctl stop ${unit}`,
  restore: `systemctl unmask --quiet ${unit}\nsystemctl enable --quiet ${unit} 2>/dev/null\nsystemctl start ${unit}`,
})

const restart = (units: readonly string[]) =>
  units.length
    ? `systemctl reset-failed ${units.join(' ')} 2>/dev/null || true\nsystemctl restart ${units.join(' ')}`
    : ''

/** `edit` is a sed expression that must change something; the units then read the file. */
export const editedFile = (
  on: NodeChange['on'],
  file: string,
  edit: string,
  ...units: readonly string[]
): NodeChange => ({
  on,
  break: `cp -p ${file} $kept/part
mv $kept/part $kept/file
sed -i '${edit}' ${file}
if cmp -s ${file} $kept/file; then echo 'nothing was changed in ${file}' >&2; exit 1; fi
${units.map((unit) => `systemctl restart ${unit} || true`).join('\n')}`,
  // Through a name beside it: it is never there by half. The kept one stays until all is done.
  restore: `if [ -e $kept/file ]; then
cp -p $kept/file ${file}.part
mv -f ${file}.part ${file}
${restart(units)}
fi`,
})

/** A statement on the controller, as bash. */
export const sql = (statement: string): string => `mariadb -N -B <<'SQL'\n${statement};\nSQL`
