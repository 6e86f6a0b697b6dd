/** An API that runs under uWSGI: its ini, the address it binds, and its restarts. */

import { type Listener, socketOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import type { ConfigFile, IniContent } from '../engine/service.ts'
import { restartUntilUp, unitDropIn } from './unit-drop-in.ts'

export interface UwsgiApi {
  /** The systemd unit, and the name of the log: `placement-api`. */
  unit: string
  /** The `NAME` in the package's init script, which reads `/etc/default/<NAME>`; default the unit. */
  initName?: string
  /** `/etc/placement/placement-api-uwsgi.ini` */
  ini: string
  /** The WSGI script: `/usr/bin/placement-api`. */
  application: string
  /** Unix user, and the folder in /var/log and /var/lib: `placement`. */
  user: string
  listener: Listener
  /** The log's name without `.log`; default the unit. */
  log?: string
  /** Keys for this API only. */
  extra?: Readonly<Record<string, string | number | boolean>>
}

/** The files of one uWSGI API, for the part it belongs to. */
export function uwsgiFiles(lab: Lab, api: UwsgiApi): ConfigFile[] {
  return [
    { path: api.ini, content: uwsgiIni(lab, api) },
    {
      path: `/etc/default/${api.initName ?? api.unit}`,
      // The init script builds `--http-socket :PORT` (every address of the node) and reads this file afterwards.
      content: `DAEMON_ARGS="--http-socket ${socketOf(lab, api.listener)} --ini ${api.ini}"\n`,
    },
    unitDropIn(api.unit, restartUntilUp),
  ]
}

function uwsgiIni(lab: Lab, api: UwsgiApi): IniContent {
  return {
    uwsgi: {
      plugins: 'python3',
      'wsgi-file': api.application,
      chdir: `/var/lib/${api.user}`,
      logto: `/var/log/${api.user}/${api.log ?? api.unit}.log`,
      master: true,
      // Each process imports the application for itself: database connections must not be shared across a fork.
      'lazy-apps': true,
      // Without it a worker that could not load the application answers 500 forever instead of ending.
      'need-app': true,
      processes: lab.apiWorkers,
      // More than one thread breaks the services that use eventlet: neutron-api stops answering with "greenlet.error:
      // cannot switch to a different thread", and Keystone answers one request with the role of another.
      threads: 1,
      // The applications still use threads of their own.
      'enable-threads': true,
      'thunder-lock': true,
      'no-orphans': true,
      // By default uWSGI reloads on SIGTERM, and systemd would kill it after a timeout.
      'die-on-term': true,
      // Seconds that a worker has to end (default 60). The one of neutron-api does not always end by itself.
      'worker-reload-mercy': 10,
      // Tokens and catalogs in headers exceed the default of 4 KiB.
      'buffer-size': 65535,
      // Prevents "Connection reset by peer" when an application does not read all of a request's body.
      'rem-header': 'Content-Length',
      // uWSGI closes the connection after every answer. If the answer does not say so and has no body (204 to a
      // DELETE), the client sends its next request on it: "Connection reset by peer".
      'add-header': 'Connection: close',
      listen: 100,
      ...api.extra,
    },
  }
}
