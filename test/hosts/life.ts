/** A lab's life on a machine: built, checked, the machine rebooted, the lab repaired, checked, removed. */

import { expect } from 'vitest'
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

/** What has been created so far; Terraform writes it while it works. */
const isUnderWay = (host: Host) =>
  inClone(host, 'grep -qs rabbitmq .lab/terraform/services.tfstate', { quiet: true }).then(({ exitCode }) => !exitCode)

/** The machine shuts down while the lab is being created; the next `up` finishes it. */
export async function liveThroughCutOff(host: Host): Promise<string> {
  await declareIsolation(host)
  const before = await readRemains(host)
  let ended = false
  const cut = inClone(host, up(host), { timeoutSeconds: 900 }).finally(() => {
    ended = true
  })
  while (!ended && !(await isUnderWay(host))) await new Promise((again) => setTimeout(again, 1000))
  await host.machine.reboot()
  expect((await cut).exitCode).not.toBe(0)
  const made = `${await timed(host, 'up after the cut', up(host))}, ${await verified(host)}`
  const down = await timed(host, 'down', './lab down --yes')
  return [made, down, await expectAsBefore(host, before)].join('; ')
}

/** Without the reboot, for other subjects. `during`: what must hold while the lab exists. */
export async function live(host: Host, during: () => Promise<string[]> = async () => []): Promise<string> {
  await declareIsolation(host)
  const before = await readRemains(host)
  try {
    const first = `${await timed(host, 'up', up(host))}, ${await verified(host)}`
    const seen = await during()
    const down = await timed(host, 'down', './lab down --yes')
    return [first, ...seen, down, await expectAsBefore(host, before)].join('; ')
  } catch (error) {
    // The next case may use the same machine.
    await inClone(host, './lab down --yes', { quiet: true })
    throw error
  }
}
