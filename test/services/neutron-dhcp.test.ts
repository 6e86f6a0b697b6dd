import { execa } from 'execa'
import { expect, test } from 'vitest'
import { dhcpStep } from '../../scripts/services/neutron-dhcp.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const { unless, run } = dhcpStep(fixtureLab('lxc'))

/** Two networks in a separate namespace, with real interfaces. Database, agent and dnsmasq are simulated. */
const stage = `
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib; mkdir -p /run/bin; PATH=/run/bin:$PATH
program() { { echo '#!/bin/bash'; cat; } >/run/bin/$1; chmod +x /run/bin/$1; }
export meanwhile= active=active one=11111111-2222-3333-4444-555555555555 two=22222222-2222-3333-4444-555555555555
export rows="$one
$two"
agent() {
  while read -r network; do
    ip netns list | grep $network >/dev/null || ip netns add qdhcp-$network
    ip -n qdhcp-$network link show ns-\${network:0:8} >/dev/null 2>&1 ||
      ip link add tap\${network:0:8} type veth peer name ns-\${network:0:8} netns qdhcp-$network
    ip -n qdhcp-$network link set ns-\${network:0:8} up
    mkdir -p /var/lib/neutron/dhcp/$network
    grep -qs $network /proc/$(cat /var/lib/neutron/dhcp/$network/pid 2>/dev/null)/cmdline && continue
    (exec -a "dnsmasq --pid-file=/var/lib/neutron/dhcp/$network/pid" /bin/sleep 60 >/dev/null 2>&1) &
    echo $! >/var/lib/neutron/dhcp/$network/pid
  done <<<"$rows"
}
export -f agent
end() { local pid=$(cat /var/lib/neutron/dhcp/$1/pid); kill $pid; wait $pid; }
agent
program mariadb <<<'echo "$rows"'
program systemctl <<'end'
case $* in
  'is-active neutron-dhcp-agent') echo $active ;;
  'restart neutron-dhcp-agent') echo restarted; agent ;;
esac
end
program sleep <<<'eval "$meanwhile"'
`

/** What the check prints after the damage; then the repair has to make all of it whole. */
async function afterHarm(harm: string) {
  const looks = `
check() { bash -euo pipefail -c "$unless" </dev/null && echo whole; }
said=$(check | tr '\\n' ' '); repaired=$(bash -euo pipefail -c "$run" </dev/null); meanwhile= active=active
printf '%s\\n' "$said" "$repaired" "$(check)"; kill $(cat /var/lib/neutron/dhcp/*/pid) 2>/dev/null; true`
  const options = { input: `${stage}\n${harm}\n${looks}`, env: { unless, run } }
  const { stdout } = await execa('timeout', ['50', 'unshare', '--net', '--mount', 'bash', '-s'], options)
  const [said, ...rest] = stdout.split('\n').map((line) => line.trim())
  expect(rest).toEqual(['restarted', 'whole'])
  return said
}

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
  expect(await afterHarm(harm)).toBe(said)
})
