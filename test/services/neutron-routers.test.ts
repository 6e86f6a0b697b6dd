import { execa } from 'execa'
import { expect, test } from 'vitest'
import { routerStep } from '../../scripts/services/neutron-routers.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const [step] = routerStep(fixtureLab('lxc', { networking: 'self-service' }))
const { unless, run } = step!

/**
 * Two routers in a separate namespace, with real interfaces; each has a program that runs in its namespace, like the
 * metadata proxy. Database and agent are simulated; instead of a pause, `$meanwhile` is run.
 */
const stage = `
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib; mkdir -p /run/bin /var/lib/neutron/external/pids; PATH=/run/bin:$PATH
program() { { echo '#!/bin/bash'; cat; } >/run/bin/$1; chmod +x /run/bin/$1; }
export meanwhile= active=active one=11111111-2222-3333-4444-555555555555 two=22222222-2222-3333-4444-555555555555
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
export -f agent
agent
ip netns exec qrouter-$one /bin/sleep 60 & echo $! >/var/lib/neutron/external/pids/$one.pid.haproxy
ip netns exec qrouter-$two /bin/sleep 60 & other=$!; echo $other >/var/lib/neutron/external/pids/$two.pid.haproxy
program mariadb <<<'echo "$rows"'
program systemctl <<'end'
case $* in
  'is-active neutron-l3-agent') echo $active ;;
  'restart neutron-l3-agent') echo restarted; agent ;;
esac
end
program sleep <<<'eval "$meanwhile"'
`

/** What the check prints after the damage, what the repair prints, and the final state. */
async function afterHarm(harm: string) {
  const looks = `
check() { bash -euo pipefail -c "$unless" </dev/null && echo whole; }
said=$(check | tr '\\n' ' '); repaired=$(bash -euo pipefail -c "$run" </dev/null); meanwhile= active=active
again=$(check); alive=$(kill -0 $other && echo alive); kill $(jobs -p) 2>/dev/null
printf '%s\\n' "$said" "$repaired" "$again" "$alive"`
  const options = { input: `${stage}\n${harm}\n${looks}`, env: { unless, run } }
  const { stdout, stderr } = await execa('timeout', ['50', 'unshare', '--net', '--mount', 'bash', '-s'], options)
  expect(stderr).toBe('')
  const [said, repaired, again, other] = stdout.split('\n').map((line) => line.trim())
  expect([repaired, again, other]).toEqual(['restarted', 'whole', 'alive'])
  return said
}

const missing = (port: string) => `router 11111111-2222-3333-4444-555555555555 has no ${port}`

test.runIf(process.getuid?.() === 0).each([
  ['routers that are whole', 'true', 'whole'],
  ['a router that the agent is about to make', 'rows+=$\'\\n\'"$two qr- dddddddd-dd"; meanwhile=agent', 'whole'],
  ['an agent that does not run yet', 'ip netns delete qrouter-$one; active=activating', 'whole'],
  [
    'a namespace deleted while a program runs in it',
    'ip netns delete qrouter-$one',
    `${missing('qg-aaaaaaaa-aa')} ${missing('qr-bbbbbbbb-bb')}`,
  ],
  ['an interface deleted', 'ip -n qrouter-$one link delete qr-bbbbbbbb-bb', missing('qr-bbbbbbbb-bb')],
])('%s', async (_title, harm, said) => {
  expect(await afterHarm(harm)).toBe(said)
})

test('without project networks there are no routers to look at', () => {
  expect(routerStep(fixtureLab('lxc'))).toEqual([])
})
