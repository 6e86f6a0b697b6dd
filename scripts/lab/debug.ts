/** `./lab debug SERVICE on|off`: the log level of a running service. */

import { defineCommand } from 'citty'
import type { ServiceName } from '../declaration/service-profiles.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { print } from '../terminal/print.ts'
import { setDebug } from '../workbench/debug.ts'
import { checkout } from './checkout.ts'
import { expectService } from './expect-service.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: {
    name: 'debug',
    description:
      'Turns the debug logging of a service on or off while it runs: its daemons read their configuration again; the few that cannot are restarted. It stays until it is turned off or the lab is rebuilt; `status` shows it, and `up` keeps it.',
  },
  args: {
    service: { type: 'positional', required: true, description: 'as `./lab logs` names it' },
    state: { type: 'positional', required: true, description: 'on or off' },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const service = expectService(lab, 'debug', args.service as ServiceName)
    try {
      const on = args.state === 'on'
      const lines = await withLock(checkout, () => setDebug(lab, service, on, terminalProgress()))
      print(lines.join('\n'))
      if (on) print(`./lab logs ${service} --level DEBUG --follow shows it; ./lab debug ${service} off ends it`)
    } finally {
      disconnect()
    }
  },
})
