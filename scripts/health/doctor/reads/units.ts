/** The units that should run on a node, with what systemd says of each and the last words of those that do not run. */

import type { ServiceName } from '../../../declaration/service-profiles.ts'
import { unitsOf } from '../../../services/units-of.ts'
import type { Answer, ShellRead, Surroundings } from '../rule.ts'

export interface UnitState {
  node: string
  service: ServiceName
  unit: string
  load: string
  active: string
  /** `enabled`, `disabled`, … as systemd gives it. */
  file: string
  /** Kernel's state of its main process: `T` is stopped. */
  process: string
  /** Last lines of journal and log file; only of a unit that does not run. */
  words: string[]
}

/** OpenStack's daemons write to files of their own; what stopped them stands in the journal. */
export const units: ShellRead = {
  on: 'all',
  script: (lab, node) => {
    const names = (unitsOf(lab).get(node.name) ?? []).map(({ unit }) => `${unit}.service`)
    return `
words() {
  { journalctl -u "$1" -n 12 -o cat --no-pager | grep -v '^$' | tail -n 4
    for folder in "/var/log/$1" "/var/log/\${1%%-*}" /var/log/apache2 /var/log/mysql; do
      case $1:$folder in apache2:/var/log/apache2) file=$folder/error.log ;; *) file=$folder/$1.log ;; esac
      [ -r "$file" ] && tail -n 2000 "$file" | grep -E 'ERROR|CRITICAL|Error|error' | tail -n 3 && break
    done; } 2>/dev/null | cut -c 1-300 | sed "s/^/said $1 /"
}
reset() { unit= load= active= file= process=-; }
reset
# In an order of systemctl's own; an empty line ends a unit.
{ systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState -p MainPID -- ${names.join(' ')}; echo; } |
while IFS='=' read -r key value; do
  case $key in
    Id) unit=\${value%.service} ;;
    LoadState) load=$value ;;
    ActiveState) active=$value ;;
    UnitFileState) file=$value ;;
    MainPID) [ "$value" = 0 ] || { read -r stat <"/proc/$value/stat" && stat=\${stat##*) } && process=\${stat%% *}; } 2>/dev/null ;;
    '') echo "unit $unit \${load:--} \${active:--} \${file:--} $process"; [ "$active" = active ] || words "$unit"; reset ;;
  esac
done`
  },
}

/** As far as it is understood; only services that have been deployed. */
export function parseUnits(answers: readonly Answer[], { lab, deployed }: Surroundings): UnitState[] {
  const known = unitsOf(lab)
  return answers.flatMap(({ at, text }) => {
    const said = [...text.matchAll(/^said (\S+) (.*)$/gm)]
    return [...text.matchAll(/^unit (\S+) (\S+) (\S+) (\S+) (\S+)$/gm)].flatMap(
      ([, unit = '', load = '', active = '', file = '', process = '']) => {
        const service = known.get(at)?.find((one) => one.unit === unit)?.service
        if (!service || !deployed.has(service)) return []
        const words = said.filter(([, of]) => of === unit).map(([, , words]) => words!)
        return [{ node: at, service, unit, load, active, file, process, words }]
      },
    )
  })
}
