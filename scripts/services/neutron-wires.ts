/** The wires of a node's ports: each tap in its Neutron bridge, and each of these bridges on the provider interface. */

import type { Lab } from '../declaration/lab.ts'
import { providerInterface } from '../declaration/provider-network.ts'
import type { Step } from '../engine/service.ts'
import { listInstanceInterfaces } from '../libvirt/node-virsh.ts'
import { timeouts } from '../run/timeouts.ts'

const agent = 'neutron-linuxbridge-agent'

/**
 * The Linuxbridge agent wires a port when it first sees its tap, or when it starts; a bridge that goes, or a tap that is
 * pulled out of it, it does not notice. Started again it makes bridges and uplinks anew and plugs in DHCP's taps; those
 * of instances it leaves to libvirt, which plugs them in only when it starts them.
 */
export function wireStep(lab: Lab): Step {
  // An instance that is being built has its tap some seconds before its uplink.
  const pause = 3 * Math.min(lab.timeScale, 5)
  return {
    name: "every port's wire is whole",
    unless: `${faults}
# It is about to wire them.
[ "$(systemctl is-active ${agent})" != activating ] || exit 0
for look in 1 2 3 4 5; do
  said=$(faults)
  [ -n "$said" ] || exit 0
  [ "$look" = 5 ] || sleep ${pause}
done
echo "$said"
exit 1`,
    run: `${faults}
without_uplink() { faults | grep '^${providerInterface} ' >/dev/null; }
if without_uplink; then
  systemctl restart ${agent}
  while without_uplink; do sleep 1; done
fi
faults | while read -r tap _ _ _ bridge; do ip link set "$tap" master "$bridge"; done`,
    timeoutSeconds: timeouts.services.stop.seconds,
  }
}

/**
 * A line for each interface that is not where it belongs, "INTERFACE is not in BRIDGE". What belongs where is known by
 * the node itself: by libvirt for instances that run, by name for DHCP's namespaces. A tap that is gone is no fault here.
 */
const faults = `wires() {
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
    grep -Ex "${providerInterface}(\\.[0-9]+)? $bridge" <<<"$links" >/dev/null || echo "${providerInterface} is not in $bridge"
  done | sort -u
}`
