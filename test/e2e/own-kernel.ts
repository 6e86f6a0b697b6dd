/** What only VMs, which have their own kernel, can do: VLANs, a reboot, an orderly stop and start. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { expectVerified, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { addressOf, inInstance } from '../harness/instance.ts'
import { expectRun, hypervisor, onNode, runInside } from '../harness/lab.ts'

interface ServerDetails {
  id: string
  status: string
  addresses: Record<string, string[]>
}

async function waitForServer(copy: Copy, name: string): Promise<ServerDetails> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const server = await openstack<ServerDetails>(copy, 'server', 'show', name)
    expect(server.status).not.toBe('ERROR')
    if (server.status === 'ACTIVE') return server
    await sleep(10_000)
  }
  throw new Error(`${name} is not ACTIVE after 20 minutes`)
}

/** The volume's disk inside the instance, by serial number: its device name may change between boots. */
async function volumeDisk(copy: Copy): Promise<string> {
  const { id } = await openstack<{ id: string }>(copy, 'volume', 'show', 'test-volume')
  return `$(for s in /sys/block/*/serial; do [ "$(cat $s)" = ${id.slice(0, 20)} ] && s=\${s%/serial} && echo /dev/\${s##*/}; done)`
}

async function bootIds(copy: Copy, nodes: readonly string[]): Promise<string[]> {
  return Promise.all(
    nodes.map(async (node) =>
      String((await copy.run('./lab', 'ssh', node, 'cat /proc/sys/kernel/random/boot_id')).stdout),
    ),
  )
}

/** Waits until each of them answers after a new boot. */
export async function reboot(copy: Copy, nodes: readonly string[]): Promise<void> {
  const before = await bootIds(copy, nodes)
  await Promise.all(nodes.map((node) => copy.run('./lab', 'ssh', node, 'systemctl reboot --no-block')))
  for (let attempt = 0; attempt < 90; attempt++) {
    await sleep(10_000)
    const now = await bootIds(copy, nodes)
    if (now.every((id, index) => /^[0-9a-f-]{36}$/.test(id) && id !== before[index])) return
  }
  throw new Error(`${nodes.join(' and ')} did not come back within 15 minutes`)
}

/** Creates a network of the demo user on a VLAN chosen by Neutron; returns its VLAN ID and its id. */
async function makeOwnNetwork(copy: Copy, name: string, pool: string): Promise<{ id: string; vlan: number }> {
  await openstack(copy, '--os-cloud', 'demo', 'network', 'create', name)
  const range = ['--subnet-range', '198.18.0.0/24', '--gateway', 'none', '--allocation-pool', pool]
  await openstack(copy, '--os-cloud', 'demo', 'subnet', 'create', `${name}-v4`, '--network', name, ...range)
  const network = await openstack<Record<string, string | number>>(copy, 'network', 'show', name)
  expect(network['provider:network_type']).toBe('vlan')
  return { id: String(network['id']), vlan: Number(network['provider:segmentation_id']) }
}

/** Whether the address answers a ping from inside a network's DHCP namespace on the controller. */
async function answersFrom(copy: Copy, network: string, address: string): Promise<boolean> {
  const ping = `ip netns exec qdhcp-${network} ping -n -c 3 -W 10 ${address}`
  return (await copy.run('./lab', 'ssh', 'controller', ping)).exitCode === 0
}

async function untilAnswers(copy: Copy, network: string, address: string): Promise<boolean> {
  for (let attempt = 0; attempt < 60; attempt++) if (await answersFrom(copy, network, address)) return true
  return false
}

export function ownKernelTests(lab: () => Copy, nodes: readonly string[]): void {
  test("a project's own networks have their own VLANs and do not see each other", async () => {
    const copy = lab()
    const one = await makeOwnNetwork(copy, 'one', 'start=198.18.0.10,end=198.18.0.19')
    const other = await makeOwnNetwork(copy, 'other', 'start=198.18.0.20,end=198.18.0.29')
    const declared = await readFile(join(copy.root, 'ansible-vars/group_vars/all.yml'), 'utf8')
    const [, first, last] = /lab_tenant_vlans:\s+first: (\d+)\s+last: (\d+)/.exec(declared)!.map(Number)
    for (const { vlan } of [one, other]) {
      expect(vlan).toBeGreaterThanOrEqual(first!)
      expect(vlan).toBeLessThanOrEqual(last!)
    }
    expect(one.vlan).not.toBe(other.vlan)
    const demo = ['--os-cloud', 'demo']
    await openstack(copy, ...demo, 'security', 'group', 'rule', 'create', 'default', '--protocol', 'icmp')
    const kind = ['--image', 'duostack-test', '--flavor', 'm1.nano', '--network', 'one']
    await openstack(copy, ...demo, 'server', 'create', 'own', ...kind)
    const { id, addresses } = await waitForServer(
      copy,
      (await openstack<{ ID: string }[]>(copy, ...demo, 'server', 'list'))[0]!.ID,
    )
    const address = addresses['one']![0]!
    expect(await untilAnswers(copy, one.id, address)).toBe(true)
    expect(await answersFrom(copy, other.id, address)).toBe(false)
    await copy.run('./lab', 'openstack', ...demo, 'server', 'delete', '--wait', id)
    await copy.run('./lab', 'openstack', ...demo, 'network', 'delete', 'one', 'other')
  })

  test('both nodes rebooted at once come back by themselves, with the instances and what is on the volume', async () => {
    const copy = lab()
    const disk = await volumeDisk(copy)
    await inInstance(
      copy,
      await addressOf(copy, 'test'),
      `echo kept-over-a-reboot | dd of=${disk} bs=512 conv=sync && sync`,
    )
    await reboot(copy, nodes)
    await expectVerified(copy, '--booting')
    expect(
      await inInstance(copy, await addressOf(copy, 'test'), `dd if=${disk} bs=512 count=1 2>/dev/null | head -c 19`),
    ).toContain('kept-over-a-reboot')
  })

  test('the controller rebooted alone comes back by itself', async () => {
    await reboot(lab(), ['controller'])
    await expectVerified(lab(), '--booting')
  })
}

/** In containers too. */
export function stopAndStartTest(lab: () => Copy): void {
  test('stop and start bring the same lab back', async () => {
    const copy = lab()
    await expectRun(copy, 'stop')
    expect((await copy.run('./lab', 'exec', '--', 'virsh', '-q', 'list', '--state-running')).stdout).toBe('')
    await expectRun(copy, 'start')
    // Asked for a power-off, logind would have waited 5 s for libvirtd, which is running an instance.
    const asked = `journalctl -q -u systemd-logind --since -30min | grep -c 'will power off' || true`
    expect(await onNode(copy, 'compute1', asked)).toBe('0')
    // With the spanning tree protocol on, a container that has booted would not be reached for 4 s.
    if (hypervisor !== 'lxc') return
    const bridges = await runInside(copy, 'ip', '-d', '-o', 'link', 'show', 'type', 'bridge')
    expect(bridges.match(/stp_state \d/g)).toEqual(['stp_state 0', 'stp_state 0'])
  })
}
