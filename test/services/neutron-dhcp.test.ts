import { expect, test } from 'vitest'
import { dhcpStep } from '../../scripts/services/neutron-dhcp.ts'
import { fixtureLab } from '../fixtures/lab.ts'
import { afterHarm, agentStage } from './agent-stage.ts'

/** Two networks. dnsmasq is simulated. */
const stage = agentStage(
  'neutron-dhcp-agent',
  `
export rows="$one
$two"
agent() {
  while read -r network; do
    ip netns list | grep $network >/dev/null || ip netns add qdhcp-$network
    ip -n qdhcp-$network link show ns-\${network:0:8} >/dev/null 2>&1 ||
      # The kernel removes what was in a deleted namespace a moment later.
      until ip link add tap\${network:0:8} type veth peer name ns-\${network:0:8} netns qdhcp-$network 2>/dev/null; do /bin/sleep 0.02; done
    ip -n qdhcp-$network link set ns-\${network:0:8} up
    mkdir -p /var/lib/neutron/dhcp/$network
    grep -qs $network /proc/$(cat /var/lib/neutron/dhcp/$network/pid 2>/dev/null)/cmdline && continue
    (exec -a "dnsmasq --pid-file=/var/lib/neutron/dhcp/$network/pid" /bin/sleep 60 >/dev/null 2>&1) &
    echo $! >/var/lib/neutron/dhcp/$network/pid
  done <<<"$rows"
}
`,
)
const end = 'end() { local pid=$(cat /var/lib/neutron/dhcp/$1/pid); kill $pid; wait $pid; }'

const missing = 'network 11111111-2222-3333-4444-555555555555 has no DHCP server'

test.runIf(process.getuid?.() === 0).each([
  ['servers that are whole', 'true', 'whole'],
  ['a server that the agent is about to make', 'ip netns delete qdhcp-$one; meanwhile=agent', 'whole'],
  ['an agent that does not run yet', 'ip netns delete qdhcp-$one; active=activating', 'whole'],
  ['a namespace deleted', 'ip netns delete qdhcp-$one', missing],
  ['an agent that gave up before it made the interface', 'ip -n qdhcp-$one link delete ns-11111111', missing],
  ['an interface that is down', 'ip -n qdhcp-$one link set ns-11111111 down', missing],
  ['dnsmasq ended', 'end $one', missing],
  ['a pid that is another process by now', 'end $one; echo $$ >/var/lib/neutron/dhcp/$one/pid', missing],
])('%s', async (_title, harm, said) => {
  const last = 'kill $(cat /var/lib/neutron/dhcp/*/pid) 2>/dev/null; true'
  const { lines } = await afterHarm(dhcpStep(fixtureLab('lxc')), { stage, harm: `${end}\n${harm}`, last })
  expect(lines).toEqual([said, 'restarted', 'whole'])
})
