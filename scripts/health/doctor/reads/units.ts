/** The units that should run on a node, with the last words of those that do not run. */

import { unitsOf } from '../../../services/units-of.ts'
import { parseUnits, showUnits, type UnitState } from '../../checks/units.ts'
import type { Answer, ShellRead, Surroundings } from '../rule.ts'

export interface UnitOnNode extends UnitState {
  node: string
  /** Last lines of journal and log file; only of a unit that does not run. */
  words: string[]
}

/** OpenStack's daemons write to files of their own; what stopped them is in the journal. Both by time, as oslo writes it. */
export const units: ShellRead = {
  on: 'all',
  script: (lab, node) => `
words() {
  { journalctl -u "$1" -n 12 -o short-iso-precise --utc --no-pager | grep '^[0-9]' |
      sed -E 's/^([0-9-]+)T([0-9:]+\\.[0-9]{3})[^ ]* [^ ]+ [^ ]+: /\\1 \\2 /' | tail -n 4
    for folder in "/var/log/$1" "/var/log/\${1%%-*}" /var/log/apache2 /var/log/mysql; do
      case $1:$folder in apache2:/var/log/apache2) file=$folder/error.log ;; *) file=$folder/$1.log ;; esac
      [ -r "$file" ] && tail -n 2000 "$file" | grep -E 'ERROR|CRITICAL|Error|error' | tail -n 3 && break
    done; } 2>/dev/null | sort -s -k 1,2 | cut -c 1-300 | sed "s/^/said $1 /"
}
${showUnits(unitsOf(lab).get(node.name) ?? [], 'words')}`,
}

/** Only of services that have been deployed. */
export function parseAllUnits(answers: readonly Answer[], { lab, deployed }: Surroundings): UnitOnNode[] {
  const known = unitsOf(lab)
  return answers.flatMap(({ at, text }) => {
    const said = [...text.matchAll(/^said (\S+) (.*)$/gm)]
    const wanted = (known.get(at) ?? []).filter(({ service }) => deployed.has(service))
    return parseUnits(text, wanted).map((state) => ({
      ...state,
      node: at,
      words: said.filter(([, of]) => of === state.unit).map(([, , words]) => words!),
    }))
  })
}
