/** Stops a unit on the controller for a drill, and always starts it again. */

import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { drillSeconds } from './drills.ts'
import type { Removers } from './launch-objects.ts'

/** Stopped until the launch is over; if this host is gone by then, the node starts it again by itself. */
export async function stopUnit(lab: Lab, unit: string, removers: Removers): Promise<void> {
  const host = sshHost(lab, controllerOf(lab))
  const options = (step: string) => ({ step, timeoutSeconds: scaled(lab, timeouts.nodes.work) })
  const timer = `duostack-drill-${unit}`
  removers.push(async () => {
    const script = `systemctl start ${unit}\nsystemctl stop ${timer}.timer 2>/dev/null || true`
    await host.run(script, options(`start ${unit} again`))
  })
  await host.run(
    [
      `systemctl stop ${timer}.timer 2>/dev/null || true`,
      `systemd-run --quiet --collect --unit=${timer} --on-active=${drillSeconds(lab)} systemctl start ${unit}`,
      `systemctl stop ${unit}`,
    ].join('\n'),
    options(`stop ${unit}`),
  )
}
