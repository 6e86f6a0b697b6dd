/** The wires of a node's ports: each tap in its Neutron bridge, and each of these bridges on an interface that leads out. */

import { isSelfService, type Lab } from '../declaration/lab.ts'
import { providerInterface } from '../declaration/provider-network.ts'
import type { Step } from '../engine/service.ts'
import { listInstanceInterfaces } from '../libvirt/node-virsh.ts'
import { timeouts } from '../run/timeouts.ts'
import { unlessFaultsLast } from './neutron-remade.ts'

const agent = 'neutron-linuxbridge-agent'

/**
 * The Linuxbridge agent wires a port when it first sees its tap, or when it starts; it does not notice if a bridge
 * disappears or a tap is removed from one. When restarted it recreates bridges and uplinks and reconnects DHCP's taps;
 * it leaves instances' taps to libvirt, which connects them only when it starts the instances.
 */
export function wireStep(lab: Lab): Step {
  const faults = faultsOf(lab)
  return {
    name: "every port's wire is whole",
    unless: `${faults}
# It is about to wire them.
[ "$(systemctl is-active ${agent})" != activating ] || exit 0
${unlessFaultsLast(lab)}`,
    run: `${faults}
without_uplink() { faults | grep ${agentsOwn(lab)} >/dev/null; }
if without_uplink; then
  systemctl restart ${agent}
  while without_uplink; do sleep 1; done
fi
faults | while read -r tap _ _ _ bridge; do ip link set "$tap" master "$bridge"; done`,
    timeoutSeconds: timeouts.services.stop.seconds,
  }
}

/** Of what is printed, what only the agent can repair. */
const agentsOwn = (lab: Lab) => (isSelfService(lab) ? "-E '^(uplink|router) '" : `'^${providerInterface} '`)

/**
 * Prints "INTERFACE is not in BRIDGE" for each misplaced interface. The node itself knows the right place: libvirt for
 * running instances, the names for DHCP's namespaces. A missing tap is not reported here.
 */
function faultsOf(lab: Lab): string {
  const toProvider = `${providerInterface}(\\.[0-9]+)?`
  const [uplink, name] = isSelfService(lab)
    ? [`(${toProvider}|vxlan-[0-9]+)`, 'uplink']
    : [toProvider, providerInterface]
  return `wires() {
  local domain namespace
  ${listInstanceInterfaces} | awk '$1 ~ /^tap/ && $3 ~ /^brq/ {print $1, $3}'
  for namespace in $(ip netns list | grep -o '^qdhcp-[^ ]*' || true); do
    { ip -n "$namespace" -o link 2>/dev/null || true; } |
      sed -nE "s/^[0-9]+: ns-([^:@]+).*/tap\\1 brq$(cut -c 7-17 <<<"$namespace")/p"
  done
}
faults() {
  local links tap bridge
  links=$(ip -o link | sed -E 's/^[0-9]+: ([^:@]+)[^ ]* (.* master ([^ ]+))?.*/\\1 \\3/')
  wires | while read -r tap bridge; do
    grep "^$tap " <<<"$links" >/dev/null || continue
    grep -x "$tap $bridge" <<<"$links" >/dev/null || echo "$tap is not in $bridge"
    grep -Ex "${uplink} $bridge" <<<"$links" >/dev/null || echo "${name} is not in $bridge"
  done | sort -u${isSelfService(lab) ? routerWires : ''}
}`
}

/** The node cannot tell to which network a router's tap belongs, only that it is in no bridge at all. */
const routerWires = `
  for namespace in $(ip netns list | grep -o '^qrouter-[^ ]*' || true); do
    { ip -n "$namespace" -o link 2>/dev/null || true; } | sed -nE 's/^[0-9]+: q[rg]-([^:@]+).*/tap\\1/p'
  done | while read -r tap; do
    grep -E "^$tap brq" <<<"$links" >/dev/null || echo "router tap $tap is not in a bridge"
  done`
