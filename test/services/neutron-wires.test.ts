import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { wireStep } from '../../scripts/services/neutron-wires.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const provider = wireStep(fixtureLab('lxc'))
const selfService = wireStep({ ...fixtureLab('lxc'), networking: 'self-service' })

/**
 * Real interfaces in a separate namespace: an instance's and DHCP's on one bridge with its uplink, and one of somebody
 * else. libvirt and the agent are simulated; instead of a pause, `$meanwhile` is run.
 */
const stage = `
mount -t tmpfs tmpfs /run; mkdir /run/bin; PATH=/run/bin:$PATH
program() { { echo '#!/bin/bash'; cat; } >/run/bin/$1; chmod +x /run/bin/$1; }
export bridge=brq11111111-22 meanwhile= active=active
ip netns add qdhcp-11111111-2222-3333-4444-555555555555
ip link add eth1 type veth peer name cable
ip link add tapaaaaaaaa-aa type veth peer name instance
ip link add tapdddddddd-dd type veth peer name ns-dddddddd-dd netns qdhcp-11111111-2222-3333-4444-555555555555
ip link add tapffffffff-ff type veth peer name stranger
export uplink=eth1
agent() {
  ip link show $bridge >/dev/null 2>&1 || ip link add $bridge type bridge
  ip link show $uplink >/dev/null 2>&1 || ip link add $uplink type veth peer name far
  ip link set $uplink master $bridge; ip link set tapdddddddd-dd master $bridge
  ! ip link show tapeeeeeeee-ee >/dev/null 2>&1 || ip link set tapeeeeeeee-ee master $bridge
}
export -f agent
agent; ip link set tapaaaaaaaa-aa master $bridge
program virsh <<'end'
case $* in
  *list\\ --name) printf 'instance-00000001\\n\\n' ;;
  *domiflist*) for tap in tapaaaaaaaa-aa tapgonegone-go; do echo " $tap bridge $bridge virtio fa:16:3e:00:00:01"; done ;;
esac
end
program systemctl <<'end'
case $* in
  'is-active neutron-linuxbridge-agent') echo $active ;;
  'restart neutron-linuxbridge-agent') echo restarted; agent ;;
esac
end
program sleep <<<'eval "$meanwhile"'
`

/** What the check prints after the damage, what the repair prints, and the final state. */
async function afterHarm(harm: string, { unless, run } = provider, wired = 'eth1 tapaaaaaaaa-aa tapdddddddd-dd') {
  const looks = `
# Not on this script's own socket: bash takes that for a login from afar and reads its profile.
check() { bash -euo pipefail -c "$unless" </dev/null && echo whole; }
said=$(check | tr '\\n' ' '); repaired=$(bash -euo pipefail -c "$run" </dev/null); meanwhile=
again=$(check); bridges=$(ip -o link | sed -nE 's/^[0-9]+: (tap|eth1|vxlan)([^:@]*).* master .*/\\1\\2/p' | sort | tr '\\n' ' ')
printf '%s\\n' "$said" "$repaired" "$again" "$bridges"`
  const script = `${stage}\n${harm}\n${looks}`
  const options = { input: script, env: { unless, run } }
  // A repair that waits for ever ends with everything it has started.
  const { stdout, stderr } = await execa('timeout', ['50', 'unshare', '--net', '--mount', 'bash', '-s'], options)
  expect(stderr).toBe('')
  const [said, repaired, again, plugged] = stdout.split('\n').map((line) => line.trim())
  expect([again, plugged]).toEqual(['whole', wired])
  return { said, repaired }
}

const uplink = 'eth1 is not in brq11111111-22'
const instance = 'tapaaaaaaaa-aa is not in brq11111111-22'
const dhcp = 'tapdddddddd-dd is not in brq11111111-22'

test.runIf(process.getuid?.() === 0).each([
  ['wires that are whole', 'true', 'whole', ''],
  ['an uplink that is plugged in while one looks', "ip link set eth1 nomaster; meanwhile='agent'", 'whole', ''],
  [
    'an instance that has just been plugged out and in',
    `ip link set tapaaaaaaaa-aa nomaster; meanwhile='ip link set tapaaaaaaaa-aa master ${'$'}bridge'`,
    'whole',
    '',
  ],
  ["an instance's tap out of its bridge", 'ip link set tapaaaaaaaa-aa nomaster', instance, ''],
  ["DHCP's tap out of its bridge", 'ip link set tapdddddddd-dd nomaster', dhcp, ''],
  [
    'a tap in another bridge',
    'ip link add brqother type bridge; ip link set tapaaaaaaaa-aa master brqother',
    instance,
    '',
  ],
  ['an uplink out of its bridge', 'ip link set eth1 nomaster', uplink, 'restarted'],
  ['a bridge removed', 'ip link del $bridge', `${uplink} ${instance} ${dhcp}`, 'restarted'],
])('%s', async (_, harm, said, repaired) => {
  expect(await afterHarm(harm)).toEqual({ said, repaired })
})

test.runIf(process.getuid?.() === 0)('an agent that is on its way up is left to it', async () => {
  const { said } = await afterHarm('ip link del $bridge; active=activating')
  expect(said).toBe('whole')
})

describe.runIf(process.getuid?.() === 0)('with routers', () => {
  const stagedRouter = `
ip netns add qrouter-66666666-7777-8888-9999-aaaaaaaaaaaa
ip link add tapeeeeeeee-ee type veth peer name qr-eeeeeeee-ee netns qrouter-66666666-7777-8888-9999-aaaaaaaaaaaa
ip link set eth1 nomaster; uplink=vxlan-7; agent`
  const wired = 'tapaaaaaaaa-aa tapdddddddd-dd tapeeeeeeee-ee vxlan-7'
  const router = 'router tap tapeeeeeeee-ee is not in a bridge'

  test.each([
    ["a project network's bridge, on its tunnel", 'true', 'whole', ''],
    ['a tunnel out of its bridge', 'ip link set vxlan-7 nomaster', 'uplink is not in brq11111111-22', 'restarted'],
    ["an instance's tap out of its bridge", 'ip link set tapaaaaaaaa-aa nomaster', instance, ''],
    ["a router's tap in no bridge", 'ip link set tapeeeeeeee-ee nomaster', router, 'restarted'],
  ])('%s', async (_, harm, said, repaired) => {
    expect(await afterHarm(`${stagedRouter}\n${harm}`, selfService, wired)).toEqual({ said, repaired })
  })
})
