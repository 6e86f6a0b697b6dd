/** This machine's tagged interface on the provider bridge, through which instances on the VLAN network are reached. */

import { fileURLToPath } from 'node:url'
import type { Lab, VlanNetwork } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { readState } from '../terraform/state.ts'

const tap = fileURLToPath(new URL('vlan-tap.py', import.meta.url))

export const isVlanInterface = ({ id }: Pick<Lab, 'id'>, name: string) =>
  name.startsWith(`${id}-v`) && /^\d+$/.test(name.slice(id.length + 2))

/**
 * Made where it is missing and given its address; one that is there stays as it is. A kernel without 802.1Q gets the
 * same interface from a program that adds and takes off the tag.
 */
export async function ensureVlanInterface(lab: Lab, vlan: VlanNetwork): Promise<void> {
  await runOnHost('bash', ['-s'], {
    step: `VLAN interface ${vlan.interface}`,
    root: true,
    input: createScript(lab.networks.provider.bridge, vlan),
    timeoutSeconds: timeouts.machine.query.seconds,
  })
}

export async function removeVlanInterface(name: string): Promise<void> {
  await runOnHost('bash', ['-s'], {
    step: `remove VLAN interface ${name}`,
    root: true,
    input: `! ip link show ${name} >/dev/null 2>&1 || ip link del ${name}\n`,
    timeoutSeconds: timeouts.machine.query.seconds,
  })
}

/**
 * What Terraform cannot see of it: after a reboot of this machine the interface is gone, and one of a VLAN that is no
 * longer declared is still there. To be called inside the lab.
 */
export async function repairVlanInterface(lab: Lab): Promise<void> {
  const { vlan } = lab.networks
  const { stdout } = await runOnHost('ip', ['-o', 'link', 'show'], { step: 'read the interfaces' })
  const names = [...stdout.matchAll(/^\d+: ([^:@\s]+)/gm)].map(([, name]) => name!)
  const found = names.filter((name) => isVlanInterface(lab, name))
  for (const name of found) if (name !== vlan?.interface) await removeVlanInterface(name)
  const isMade = readState(lab, 'nodes').some(({ name, tainted }) => name === 'vlan_interface' && !tainted)
  if (vlan && isMade && !found.includes(vlan.interface)) await ensureVlanInterface(lab, vlan)
}

/** The MAC address of a VLAN interface is its bridge's: only what is for that one does the bridge hand up. */
function createScript(bridge: string, { interface: name, vlanId, hostAddress, prefixLength }: VlanNetwork): string {
  return `set -eu
if ! ip link show ${name} >/dev/null 2>&1; then
  ip link add link ${bridge} name ${name} type vlan id ${vlanId} 2>/dev/null || {
    python3 ${shellQuote(tap)} ${bridge} ${name} ${vlanId}
    ip link set ${name} address "$(ip -o link show ${bridge} | sed -n 's|.*link/ether \\([^ ]*\\).*|\\1|p')"
  }
fi
ip address replace ${hostAddress}/${prefixLength} dev ${name}
ip link set ${name} up
`
}
