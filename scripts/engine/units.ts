/** systemd units of a part: enabled, running, and restarted if a file that they read has changed since they started. */

import { scaled, timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { Operation } from './operation.ts'
import { type NodePlaces, nodePlaces } from './script.ts'
import type { ConfigFile } from './service.ts'

export interface UnitSettings {
  timeScale: number
  places?: NodePlaces
}

/** With its suffix: `glance-api` is `glance-api.service`. */
const unitName = (unit: string) => (/\.(service|socket|timer|path|mount|target)$/.test(unit) ? unit : `${unit}.service`)

const isService = (unit: string) => unitName(unit).endsWith('.service')

/**
 * The drop-in that records the files' owner, mode and SHA-256 at each start. Whether a restart is needed follows from
 * that record, so if a run is killed between "file written" and "restarted", the next one finishes it.
 */
export function unitDropIn(unit: string, files: readonly ConfigFile[], settings: UnitSettings): ConfigFile {
  const { run, systemd } = settings.places ?? nodePlaces
  const path = dropInPath(unit, systemd)
  const paths = recordedPaths(unit, files, systemd)
  const contents = paths.filter((one) => !files.some((file) => file.directory && file.path === one))
  const list = (names: readonly string[]) => names.map(shellQuote).join(' ')
  const record = `stat -c "%%n %%U:%%G %%a" ${list(paths)}; sha256sum ${list(contents)}`
  const target = `${run}/${unitName(unit).replace(/\.service$/, '')}.digest`
  const lines = [
    '# Written by duostack: what this unit read when it started, so that a changed file is known to need a restart.',
    '[Service]',
    `ExecStartPre=+/bin/sh -c 'umask 077; mkdir -p -m 0755 ${run}; { ${record}; } >${target} 2>/dev/null; true'`,
    // systemd's default of 90 s is too short for an emulated node to import even one Python API.
    ...(settings.timeScale > 1 ? [`TimeoutStartSec=${scaled(settings, timeouts.openstack.anyUnit)}`] : []),
  ]
  return { path, content: `${lines.join('\n')}\n` }
}

const dropInPath = (unit: string, systemd: string) => `${systemd}/${unitName(unit)}.d/duostack-start.conf`

/** All files of the part, and the drop-in that records them. */
function recordedPaths(unit: string, files: readonly ConfigFile[], systemd: string): string[] {
  return [...files.map((file) => file.path), dropInPath(unit, systemd)]
}

/** The drop-ins of a part's units; ordinary files, written before the units start. */
export function unitDropIns(units: readonly string[], files: readonly ConfigFile[], settings: UnitSettings) {
  return units.filter(isService).map((unit) => unitDropIn(unit, files, settings))
}

/** Enabled, known to systemd as they are on disk, and running with the current files. One call starts all. */
export function ensureUnits(
  units: readonly string[],
  files: readonly ConfigFile[],
  settings: UnitSettings,
): Operation[] {
  if (units.length === 0) return []
  const { systemd } = settings.places ?? nodePlaces
  const names = units.map(unitName)
  const list = names.map(shellQuote).join(' ')
  const recorded = (unit: string) => (isService(unit) ? recordedPaths(unit, files, systemd) : [])
  const current = names.map((unit) => `unit_current ${[unit, ...recorded(unit)].map(shellQuote).join(' ')} || wrong=1`)
  return [
    ...names.map(
      (unit): Operation => ({
        phase: 'units',
        kind: 'unit-enabled',
        title: `enabled ${unit.replace(/\.service$/, '')}`,
        reads: { units: [unit] },
        check: `unit_enabled ${shellQuote(unit)}`,
        apply: `enable_unit ${shellQuote(unit)}`,
        paste: `systemctl enable ${unit}`,
      }),
    ),
    {
      phase: 'units',
      kind: 'unit-files',
      title: 'systemd has read its unit files',
      reads: { units: names },
      check: `units_read ${list}`,
      apply: 'systemctl daemon-reload && rm -f -- "$work/reload"',
      paste: 'systemctl daemon-reload',
    },
    {
      phase: 'units',
      kind: 'unit-running',
      title: `running ${units.join(' ')}`,
      reads: { units: names, files: [...new Set(units.flatMap(recorded))] },
      check: `rm -f -- "$work/start" "$work/restart"\nwrong=0\n${current.join('\n')}\nreturn $wrong`,
      apply: 'start_units',
      paste: `systemctl restart ${list}`,
      timeoutSeconds: timeouts.services.restart.seconds,
    },
  ]
}

/** Units that this lab does not want: stopped, and not started at the next boot. Unknown units are fine. */
export function ensureAbsentUnits(units: readonly string[]): Operation[] {
  return units.map(unitName).map((unit) => ({
    phase: 'units',
    kind: 'unit-absent',
    title: `not running ${unit.replace(/\.service$/, '')}`,
    reads: { units: [unit] },
    check: `unit_absent ${shellQuote(unit)}`,
    apply: `systemctl stop -- ${shellQuote(unit)} && systemctl disable -- ${shellQuote(unit)}`,
    paste: `systemctl disable --now ${unit}`,
    timeoutSeconds: timeouts.services.stop.seconds,
  }))
}
