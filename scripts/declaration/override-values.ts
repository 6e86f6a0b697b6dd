/**
 * Values of lab_config_overrides that the lab could not cope with: logs in another format or place, and a different
 * MTU.
 */

import type { Checked, Field } from './check.ts'
import type { Finding } from './errors.ts'
import { type Dialect, dialectOf, overridableFiles } from './override-files.ts'

const overrides = 'lab_config_overrides'

interface Setting extends Field<unknown> {
  path: string
  section: string
  key: string
}

export function checkOverrideValues(all: Checked<unknown>): Finding[] {
  const settings = (all.keys(overrides) ?? [])
    .filter((path) => Object.hasOwn(overridableFiles, path))
    .flatMap((path) => (all.keys(overrides, path) ?? []).map((section) => ({ path, section })))
    .flatMap(({ path, section }) =>
      (all.keys(overrides, path, section) ?? []).flatMap((key): Setting[] => {
        const field = all.field<unknown>(overrides, path, section, key)
        return field ? [{ ...field, path, section, key }] : []
      }),
    )
  return [...settings.flatMap(checkLogs), ...settings.flatMap(checkMtu)]
}

/** Options for the place and format of a log, by the reader of the file; earlier names are included. */
const logKeys: Readonly<Record<Dialect, readonly string[]>> = {
  oslo: [
    'use_json',
    'log_date_format',
    'logging_context_format_string',
    'logging_default_format_string',
    'log_config_append',
    'log_config',
    'log_dir',
    'logdir',
    'log_file',
    'logfile',
  ],
  uwsgi: [
    'logto',
    'logto2',
    'logger',
    'req-logger',
    'logger-req',
    'logformat',
    'log-format',
    'logdate',
    'log-date',
    'log-encoder',
    'log-req-encoder',
    'daemonize',
    'daemonize2',
  ],
  mariadb: ['log_error', 'log-error'],
  systemd: [],
}

/** A value that is written anyway is allowed. */
const asWritten: Readonly<Record<string, (value: string) => boolean>> = {
  use_json: (value) => /^(false|no|off|0)$/i.test(value),
  log_date_format: (value) => value === '%Y-%m-%d %H:%M:%S',
}

function checkLogs({ where, given, value, path, key }: Setting): Finding[] {
  if (!logKeys[dialectOf(path)].includes(key) || asWritten[key]?.(String(value))) return []
  return [
    {
      where,
      given,
      allowed: 'logs in their default format and place: ./lab logs, trace and the doctor read them there',
      remedy: 'remove the line; debug: true, which only makes them longer, is allowed',
    },
  ]
}

/** Of the bridges on this machine, the nodes' interfaces and the containers' ends of them. */
const wireMtu = 1500

function checkMtu({ where, given, value, path, key }: Setting): Finding[] {
  if (!path.startsWith('/etc/neutron/') || !['global_physnet_mtu', 'physical_network_mtus'].includes(key)) return []
  const numbers = [value].flat().flatMap((one) => String(one).match(/\d+(?=\s*(,|$))/g) ?? [])
  if (numbers.length > 0 && numbers.every((number) => Number(number) === wireMtu)) return []
  return [
    {
      where,
      given,
      allowed: `${wireMtu}, the MTU of everything in the lab: its bridges on this machine, eth1 of each node, the instances' taps`,
      remedy:
        'remove the line: it would not change the MTU of the rest, and frames longer than a receiver accepts are lost',
    },
  ]
}
