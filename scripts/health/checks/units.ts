/** What systemd says of the units that should run on a node. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import type { Observation } from '../../run/check.ts'
import type { WantedUnit } from '../../services/units-of.ts'

export interface UnitState extends WantedUnit {
  load: string
  active: string
  /** `enabled`, `disabled`, … as systemd gives it. */
  file: string
  /** Kernel's state of its main process: `T` is stopped. */
  process: string
  /** Unix time at which it became active. */
  since?: number
}

/**
 * bash that prints a line for each unit; `onDown`, a command, is given the name of each that does not run. systemctl
 * tells them in an order of its own; an empty line ends a unit.
 */
export function showUnits(units: readonly Pick<WantedUnit, 'unit'>[], onDown = ':'): string {
  if (units.length === 0) return ':'
  const names = units.map(({ unit }) => `${unit}.service`).join(' ')
  return `
reset() { unit= load= active= file= process=- since=; }
reset
{ systemctl show --timestamp=unix -p Id,LoadState,ActiveState,UnitFileState,MainPID,ActiveEnterTimestamp -- ${names}; echo; } |
while IFS='=' read -r key value; do
  case $key in
    Id) unit=\${value%.service} ;;
    LoadState) load=$value ;;
    ActiveState) active=$value ;;
    UnitFileState) file=$value ;;
    MainPID) [ "$value" = 0 ] || { read -r stat <"/proc/$value/stat" && stat=\${stat##*) } && process=\${stat%% *}; } 2>/dev/null ;;
    ActiveEnterTimestamp) since=\${value#@} ;;
    '') echo "unit $unit \${load:--} \${active:--} \${file:--} $process \${since:--}"; [ "$active" = active ] || ${onDown} "$unit"; reset ;;
  esac
done`
}

const unitLine = /^unit (\S+) (\S+) (\S+) (\S+) (\S+)(?: (\S+))?$/gm

/** As far as it is understood; only of those that were wanted, in the order in which they are told. */
export function parseUnits(text: string, wanted: readonly WantedUnit[]): UnitState[] {
  return [...text.matchAll(unitLine)].flatMap(([, name, load = '', active = '', file = '', process = '', since]) => {
    const known = wanted.find(({ unit }) => unit === name)
    if (!known) return []
    const time = Number(since)
    return [{ ...known, load, active, file, process, ...(time > 0 ? { since: time } : {}) }]
  })
}

/** systemd's ActiveState: `active`, `failed`, `inactive`, `activating`; `missing` where there is no such unit. */
export const stateOfUnit = (found: Pick<UnitState, 'load' | 'active'> | undefined) =>
  found && found.load !== 'not-found' ? found.active : 'missing'

export const judgeUnit = (node: string, unit: string, state: string): Observation => ({
  id: `unit/${node}/${unit}`,
  what: `unit ${unit} on ${node}`,
  ok: state === 'active',
  seen: state,
  next: lookAtUnit(node, unit),
})
