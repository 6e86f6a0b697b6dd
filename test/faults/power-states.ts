/** An instance that runs when its node is shut down runs again afterwards, whatever Nova sees in between. */

import { expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { bringUp, expectRun, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'

/** How often Nova took an instance for stopped by its user. */
const countStops = (copy: Copy) =>
  onNode(copy, 'compute1', 'grep -c "Instance shutdown by itself" /var/log/nova/nova-compute.log || true')

export function powerStateTests(copy: () => Copy): void {
  test('stop and start while Nova compares power states every second', () =>
    recorded('servers', 'stop and start while Nova compares power states every second', async () => {
      // The usual 600 s would hit the moment of the shutdown only now and then.
      const often = "sed -i '/^\\[DEFAULT\\]/a sync_power_state_interval = 1' /etc/nova/nova.conf"
      await onNode(copy(), 'compute1', `${often}; systemctl restart nova-compute`)
      await expectRun(copy(), 'wait', '--for', 'healthy', '--timeout', '3m')
      const before = await countStops(copy())
      await expectRun(copy(), 'stop')
      await expectRun(copy(), 'start')
      expect(await countStops(copy())).toBe(before)
      await bringUp(copy())
      return 'the instance runs again, and Nova took it for stopped at no time'
    }))
}
