/**
 * Part 2: the nodes are changed without the lab's knowledge. `plan` names the change; the next `up` repairs it and
 * nothing else.
 */

import { expect, test } from 'vitest'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, nodes, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations, readRestarted } from '../harness/nodes.ts'
import { type Drift, drifts } from './drifts.ts'
import { ownObjectsKeptTest, ownObjectsMadeTest } from './users.ts'

const part = 'drift'

/** Names of the services that a run of `up` applied again. */
const remade = (said: string) =>
  [...new Set([...said.matchAll(/✓ services: (\w+) (?:created|applied again)/g)].map(([, name]) => name!))].sort()

/** Names of the services that differ on the nodes, according to `plan`. */
const planned = (said: string) =>
  [...said.matchAll(/^~ (\w+): the nodes no longer match the configuration$/gm)].map(([, name]) => name!).sort()

async function readPlan(copy: Copy): Promise<string> {
  return String((await copy.run('./lab', 'plan')).stdout).replaceAll(/^ +/gm, '')
}

export function driftTest(copy: () => Copy, part: string, drift: Drift): void {
  test(drift.what, () =>
    recorded(part, drift.what, async () => {
      const before = await readInvocations(copy(), nodes)
      await onNode(copy(), drift.node, drift.harm)
      const plan = await readPlan(copy())
      expect(plan).toMatch(new RegExp(drift.named.source, 'm'))
      expect(planned(plan)).toEqual(drift.repaired)
      const said = await bringUp(copy())
      expect(remade(said)).toEqual(drift.repaired)
      await onNode(copy(), drift.node, drift.right)
      const others = (await readRestarted(copy(), nodes, before)).filter((unit) => !drift.restarts.includes(unit))
      expect(others).toEqual([])
      return `named by plan; up ran ${drift.repaired.join(', ')} only`
    }),
  )
}

export function driftTests(copy: () => Copy): void {
  ownObjectsMadeTest(copy)

  for (const drift of drifts) driftTest(copy, part, drift)

  test('a network agent deleted', () =>
    recorded(part, 'a network agent deleted', async () => {
      const agents = await openstack<{ ID: string; Host: string; Binary: string }[]>(copy(), 'network', 'agent', 'list')
      const agent = agents.find(({ Host, Binary }) => Host === 'compute1' && Binary === 'neutron-linuxbridge-agent')!
      // A running agent registers again within seconds, so it is stopped too.
      await onNode(copy(), 'compute1', 'systemctl stop neutron-linuxbridge-agent')
      await copy().run('./lab', 'openstack', 'network', 'agent', 'delete', agent.ID)
      const plan = await readPlan(copy())
      expect(plan).toMatch(/^compute1: running neutron-linuxbridge-agent: neutron-linuxbridge-agent: is inactive$/m)
      expect(planned(plan)).toEqual(['neutron'])
      expect(remade(await bringUp(copy()))).toEqual(['neutron'])
      const again = await openstack<{ Host: string; Alive: boolean }[]>(copy(), 'network', 'agent', 'list')
      expect(again.filter(({ Host, Alive }) => Host === 'compute1' && Alive)).toHaveLength(1)
      return 'named by plan; up ran neutron only'
    }))

  test('a domain undefined comes back with its files', () =>
    recorded(part, 'a domain undefined', async () => {
      await onNode(copy(), 'compute1', 'echo kept >/root/kept; sync')
      await copy().run('./lab', 'exec', '--', 'virsh', '-q', 'destroy', 'duostack-compute1')
      await copy().run('./lab', 'exec', '--', 'virsh', '-q', 'undefine', 'duostack-compute1')
      expect((await copy().run('./lab', 'plan')).stdout).toMatch(/compute1: is started: its domain is missing/)
      await bringUp(copy())
      expect(await onNode(copy(), 'compute1', 'cat /root/kept')).toBe('kept')
      return 'named by plan; up defined and started it, files kept'
    }))

  ownObjectsKeptTest(copy)
}
