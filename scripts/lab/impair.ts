/** `./lab impair SERVER`: makes what is sent to an instance slow, late or lossy, for a time. */

import { defineCommand } from 'citty'
import { openCloud } from '../cloud/client.ts'
import { UsageError } from '../declaration/errors.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { findPlace } from '../insight/wire/find-place.ts'
import { endImpairment, type Impairment, impair, nameImpairment } from '../insight/wire/impair.ts'
import { nameOfPlace } from '../insight/wire/places.ts'
import { disconnect, sshHost } from '../run/ssh.ts'
import { timeouts } from '../run/timeouts.ts'
import { showAge } from '../terminal/amounts.ts'
import { print } from '../terminal/print.ts'
import { visible } from '../terminal/visible.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'
import { parseDelay, parseLoss, parseRate, parseTime } from './wire-arguments.ts'

const where = './lab impair'

interface Given {
  rate?: string | undefined
  delay?: string | undefined
  loss?: string | undefined
}

function impairmentOf({ rate, delay, loss }: Given): Impairment {
  if (rate ?? delay ?? loss)
    return {
      ...(rate ? { rate: parseRate(rate) } : {}),
      ...(delay ? { delayMs: parseDelay(delay) } : {}),
      ...(loss ? { lossPercent: parseLoss(loss) } : {}),
    }
  throw new UsageError([{ where, given: 'no impairment', allowed: '--rate, --delay, --loss, or --off' }])
}

export default defineCommand({
  meta: {
    name: 'impair',
    description:
      'Makes what is sent to an instance slow (--rate), late (--delay) or lossy (--loss). The node undoes it after a minute, or after --for, whatever becomes of this command. `status` and `doctor` name it. Delay and loss need netem in the kernel of the node.',
  },
  args: {
    server: { type: 'positional', required: true, description: 'name or id of the instance, in any project' },
    rate: { type: 'string', valueHint: 'rate', description: 'at most so much: 500kbit, 1mbit, 1gbit' },
    delay: { type: 'string', valueHint: 'time', description: 'so much later: 100ms, 2s' },
    loss: { type: 'string', valueHint: 'percent', description: 'so many packets are lost: 10%' },
    for: { type: 'string', valueHint: 'time', description: 'undo it after 30s, 5m, 1h; default 60s, up to 24h' },
    off: { type: 'boolean', description: 'undo it now' },
  },
  async run({ args }) {
    const impairment = args.off ? undefined : impairmentOf(args)
    const seconds = args.for ? parseTime('impair')(args.for) : timeouts.nodes.impair.seconds
    const lab = loadRunningLab(checkout)
    try {
      const cloud = await openCloud(lab, loadSecrets(lab.root))
      const found = await findPlace(lab, cloud, { where, server: args.server, at: 'tap', waitSeconds: 0 })
      const { server, place } = found
      const host = sshHost(lab, lab.nodes.find(({ name }) => name === place.node)!)
      if (!impairment) {
        await endImpairment(lab, host, found)
        return print(visible(`${server.name}: nothing is made worse`))
      }
      await impair(lab, host, found, impairment, seconds)
      const how = `${nameImpairment(impairment)}, for ${showAge(seconds)}`
      print(visible(`what is sent to ${server.name} (${nameOfPlace(place)}): ${how}`))
      print(`  to undo it now: ./lab impair ${server.id} --off`)
    } finally {
      disconnect()
    }
  },
})
