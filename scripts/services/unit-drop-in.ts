/** Our additions to a packaged systemd unit, as a drop-in beside it. */

import type { ConfigFile } from '../engine/service.ts'

/** section -> lines `Key=value`; a key may repeat. */
export type UnitLines = Readonly<Partial<Record<'Unit' | 'Service' | 'Socket', readonly string[]>>>

/** `/etc/systemd/system/<unit>.d/duostack.conf`; a name without a suffix is a service. */
export function unitDropIn(unit: string, lines: UnitLines): ConfigFile {
  const sections = Object.entries(lines).map(([section, keys]) => [`[${section}]`, ...(keys ?? [])].join('\n'))
  const name = unit.includes('.') ? unit : `${unit}.service`
  return { path: `/etc/systemd/system/${name}.d/duostack.conf`, content: `${sections.join('\n\n')}\n` }
}

/**
 * A service that exits because it starts before the database or Keystone answers is restarted until it stays up;
 * systemd's own limit of five starts in ten seconds would leave it dead after a cold boot. `always`, because
 * nova-compute without its hypervisor ends with exit code 0.
 */
export const restartUntilUp: UnitLines = {
  Unit: ['StartLimitIntervalSec=0'],
  Service: ['Restart=always', 'RestartSec=3'],
}
