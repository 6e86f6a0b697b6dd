/** Faults that only a self-service lab can have: its L3 agent and its routers, and VXLAN from elsewhere. */

import { expect, test } from 'vitest'
import { askDoctor, expectVerified } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, declareNetworking, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { driftTest } from './drift.ts'
import { routerDrifts } from './drifts.ts'
import { vxlanTests } from './exposure-vxlan.ts'
import { ipv6Tests } from './ipv6.ts'

const part = 'self-service'

export function selfServiceFaultTests(copy: () => Copy): void {
  test('the lab is changed to self-service networks', async () => {
    await declareNetworking(copy(), 'self-service')
    await bringUp(copy())
    await expectVerified(copy())
  })

  test('the L3 agent killed', () =>
    recorded(part, 'the L3 agent killed', async () => {
      const pid = 'systemctl show -P MainPID neutron-l3-agent'
      const old = await onNode(copy(), 'controller', pid)
      await onNode(copy(), 'controller', `kill -KILL ${old}`)
      await onNode(
        copy(),
        'controller',
        `until [ "$(${pid})" != ${old} ] && systemctl is-active -q neutron-l3-agent; do sleep 1; done`,
      )
      expect(await onNode(copy(), 'controller', pid)).not.toBe('0')
      await expectVerified(copy())
      return 'started again by systemd; its routers work'
    }))

  for (const drift of routerDrifts) driftTest(copy, part, drift)

  test('afterwards everything works, and the doctor finds nothing', async () => {
    await expectVerified(copy())
    expect(await askDoctor(copy())).toMatchObject({ problems: [], unread: [] })
  })

  ipv6Tests(copy)
  vxlanTests(copy)
}
