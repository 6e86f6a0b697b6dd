/** A lab's life on a machine: made, checked, the machine booted anew, made whole, checked, removed. */

import { declareIsolation, type Host, inClone, timed, up, verified } from './host.ts'
import { expectAsBefore, readRemains } from './remains.ts'

export async function liveThroughReboot(host: Host): Promise<string> {
  await declareIsolation(host)
  const before = await readRemains(host)
  const first = `${await timed(host, 'up', up(host))}, ${await verified(host)}`
  await host.machine.reboot()
  const second = `${await timed(host, 'after a reboot', up(host))}, ${await verified(host)}`
  const down = await timed(host, 'down', './lab down --yes')
  return [first, second, down, await expectAsBefore(host, before)].join('; ')
}

/** Without the reboot, for what is about something else. `during`: what has to be so while it lives. */
export async function live(host: Host, during: () => Promise<string[]> = async () => []): Promise<string> {
  await declareIsolation(host)
  const before = await readRemains(host)
  try {
    const first = `${await timed(host, 'up', up(host))}, ${await verified(host)}`
    const seen = await during()
    const down = await timed(host, 'down', './lab down --yes')
    return [first, ...seen, down, await expectAsBefore(host, before)].join('; ')
  } catch (error) {
    // What it is about may be the next one's machine as well.
    await inClone(host, './lab down --yes', { quiet: true })
    throw error
  }
}
