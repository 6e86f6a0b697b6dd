/**
 * Clients behind ports of Neutron, in network namespaces of compute1: what the test instance cannot send or ask for, they
 * can, and security groups and anti-spoofing apply to them as to an instance.
 */

import { client, openstack } from './answers.ts'
import type { Copy } from './copy.ts'

export interface Port {
  id: string
  mac: string
  address: string
}

interface Created {
  id: string
  mac_address: string
  fixed_ips: { ip_address: string }[]
}

/** Bound to compute1, which only the admin may do. `cloud`: more of the client's arguments. */
export async function createPort(copy: Copy, name: string, network: string, ...cloud: string[]): Promise<Port> {
  const port = await openstack<Created>(copy, ...cloud, 'port', 'create', '--network', network, name)
  await client(copy, 'port', 'set', '--host', 'compute1', port.id)
  return { id: port.id, mac: port.mac_address, address: port.fixed_ips[0]!.ip_address }
}

/**
 * For bash on compute1. `plug NAME PORT MAC` gives the namespace NAME an interface eth0, still down, and returns when
 * Neutron's agent has wired and filtered it. `soon COMMAND` repeats it for a minute. At the end everything is removed.
 */
export const portFunctions = `
work=$(mktemp -d)
soon() { for try in $(seq 120); do "$@" >/dev/null 2>&1 && return; sleep 0.5; done; echo "not: $*"; return 1; }
is_wired() { ip -o link show "$1" | grep ' master brq' && ip6tables-save | grep -e "--physdev-in $1 "; }
plug() {
  local tap="tap\${2:0:11}"
  ip netns add "$1"
  ip link add "$tap" type veth peer name eth0 netns "$1"
  echo "$tap" >>$work/taps
  ip -n "$1" link set eth0 address "$3"
  ip link set "$tap" up
  soon is_wired "$tap"
}
unplug() {
  for name in $(ip netns list | grep -o '^test-[^ ]*'); do
    kill $(ip netns pids "$name") 2>/dev/null || true
    ip netns delete "$name"
  done
  while read -r tap; do ip link delete "$tap" 2>/dev/null || true; done <$work/taps
  rm -rf "$work"
}
trap unplug EXIT
`
