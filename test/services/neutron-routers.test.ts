import { expect, test } from 'vitest'
import { routerStep } from '../../scripts/services/neutron-routers.ts'
import { fixtureLab } from '../fixtures/lab.ts'
import { afterHarm, agentStage } from './agent-stage.ts'

const [step] = routerStep(fixtureLab('lxc', { networking: 'self-service' }))

/** Two routers; each has a program that runs in its namespace, like the metadata proxy. */
const stage = `${agentStage(
  'neutron-l3-agent',
  `
export rows="$one qg- aaaaaaaa-aa
$one qr- bbbbbbbb-bb
$two qr- cccccccc-cc"
agent() {
  while read -r router kind port; do
    ip netns list | grep $router >/dev/null || ip netns add qrouter-$router
    ip -n qrouter-$router link show $kind$port >/dev/null 2>&1 ||
      ip link add tap$port type veth peer name $kind$port netns qrouter-$router
  done <<<"$rows"
}
`,
)}
mkdir -p /var/lib/neutron/external/pids
proxy() { exec ip netns exec qrouter-$1 bash -c 'exec -a "haproxy -f /var/lib/neutron/ns-metadata-proxy/$0.conf" /bin/sleep 60' "\${2-$1}"; }
proxy $one & own=$!; echo $own >/var/lib/neutron/external/pids/$one.pid.haproxy
proxy $two & other=$!; echo $other >/var/lib/neutron/external/pids/$two.pid.haproxy
for pid in $(cat /var/lib/neutron/external/pids/*); do until grep -qx sleep /proc/$pid/comm; do /bin/sleep 0.02; done; done
`

const missing = (port: string) => `router 11111111-2222-3333-4444-555555555555 has no ${port}`

test.runIf(process.getuid?.() === 0).each([
  ['routers that are whole', 'true', 'whole'],
  ['a router that the agent is about to make', 'rows+=$\'\\n\'"$two qr- dddddddd-dd"; meanwhile=agent', 'whole'],
  ['an agent that does not run yet', 'ip netns delete qrouter-$one; active=activating', 'whole', 'ended'],
  [
    'a namespace deleted while a program runs in it',
    'ip netns delete qrouter-$one',
    `${missing('qg-aaaaaaaa-aa')} ${missing('qr-bbbbbbbb-bb')}`,
    'ended',
  ],
  [
    'a namespace deleted, and the number of its program is another one by now',
    `proxy $one another & own=$!; echo $own >/var/lib/neutron/external/pids/$one.pid.haproxy; until grep -qx sleep /proc/$own/comm; do /bin/sleep 0.02; done
ip netns delete qrouter-$one`,
    `${missing('qg-aaaaaaaa-aa')} ${missing('qr-bbbbbbbb-bb')}`,
  ],
  ['an interface deleted', 'ip -n qrouter-$one link delete qr-bbbbbbbb-bb', missing('qr-bbbbbbbb-bb')],
])('%s', async (_title, harm, said, own = 'runs on') => {
  const last = `jobs -r -p | grep -qx $other && echo alive
jobs -r -p | grep -qx $own && echo runs on || echo ended
kill $(jobs -p) 2>/dev/null; true`
  const { lines, stderr } = await afterHarm(step!, { stage, harm, last })
  expect(stderr).toBe('')
  expect(lines).toEqual([said, 'restarted', 'whole', 'alive', own])
})

test('without project networks there are no routers to look at', () => {
  expect(routerStep(fixtureLab('lxc'))).toEqual([])
})
