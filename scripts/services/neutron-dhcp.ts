/** The DHCP servers of the networks, on the node of their agent: each in its namespace, with its interface. */

import { controllerOf, type Lab } from '../declaration/lab.ts'
import type { Step } from '../engine/service.ts'
import { remadeStep } from './neutron-remade.ts'

/**
 * The DHCP agent makes a network's server when Neutron tells it to, or when it starts. It does not notice that a
 * namespace disappears, and gives up for good if making one takes longer than five minutes. Restarted, it makes what
 * is missing and leaves the rest alone.
 */
export const dhcpStep = (lab: Lab): Step =>
  remadeStep(lab, {
    name: 'every network has its DHCP server',
    agent: 'neutron-dhcp-agent',
    faults: faultsOf(lab),
  })

/** Prints `network ID has no DHCP server` for each. Neutron's database, on the same node, knows the networks. */
function faultsOf(lab: Lab): string {
  return `wanted() {
  mariadb -N -B neutron -e "SELECT DISTINCT n.id FROM networks n JOIN subnets s ON s.network_id = n.id
JOIN networkdhcpagentbindings b ON b.network_id = n.id JOIN agents a ON a.id = b.dhcp_agent_id
WHERE n.admin_state_up = 1 AND a.admin_state_up = 1 AND s.enable_dhcp = 1 AND s.ip_version = 4
AND a.host = '${controllerOf(lab).name}'"
}
faults() {
  wanted | while read -r network; do
    { ip -n "qdhcp-$network" -o link show up 2>/dev/null || true; } | grep ': ns-' >/dev/null &&
      grep -qsF "$network" "/proc/$(cat "/var/lib/neutron/dhcp/$network/pid" 2>/dev/null)/cmdline" ||
      echo "network $network has no DHCP server"
  done
}`
}
