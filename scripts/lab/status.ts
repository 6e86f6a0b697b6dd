/** `./lab status`: the current state of the lab on one screen, within seconds; also if much of it is dead. */

import { defineCommand } from 'citty'
import { exitCode } from '../declaration/exit-codes.ts'
import { loadLab } from '../declaration/load.ts'
import { endingOfStatus, readStatus } from '../health/status/status.ts'
import { showStatus } from '../health/status/text.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { watchStatus } from './status-watch.ts'

export default defineCommand({
  meta: {
    name: 'status',
    description:
      'Shows the lab on one screen. Exit code 0: everything is healthy; 1: something is not; 3: the lab is healthy, but an instance or a volume that a user created is not; 4: no lab; 5: nothing answered.',
  },
  args: {
    json: { type: 'boolean', description: 'one JSON document on stdout' },
    watch: { type: 'boolean', description: 'refresh until Ctrl-C' },
  },
  async run({ args }) {
    const lab = loadLab(checkout)
    const read = async () => {
      const status = await readStatus(lab)
      process.exitCode = exitCode(endingOfStatus(status))
      return args.json ? JSON.stringify(status, null, args.watch ? 0 : 2) : showStatus(status, process.stdout.columns)
    }
    if (args.watch) await watchStatus(read)
    else print(await read())
  },
})
