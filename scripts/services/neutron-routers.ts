/** The routers of a self-service lab on the node of their L3 agent: each in its namespace, with all its interfaces. */

import { controllerOf, isSelfService, type Lab } from '../declaration/lab.ts'
import type { Step } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'
import { unlessFaultsLast } from './neutron-wires.ts'

const agent = 'neutron-l3-agent'

/**
 * The L3 agent makes a router when Neutron tells it to, or when it starts; it does not notice that a namespace or an
 * interface disappears. Restarted, it makes what is missing and leaves the rest alone.
 */
export function routerStep(lab: Lab): Step[] {
  if (!isSelfService(lab)) return []
  const faults = faultsOf(lab)
  return [
    {
      name: 'every router is whole',
      unless: `${faults}
# It makes all of them when it starts.
[ "$(systemctl is-active ${agent})" = active ] || exit 0
${unlessFaultsLast(lab)}`,
      run: `${faults}
# A namespace without its name lives on while a proxy runs in it, and the agent could not make the interfaces again.
faults | while read -r _ router _ _ port; do
  ! ip netns list | grep "^qrouter-$router" >/dev/null || continue
  for file in /var/lib/neutron/external/pids/"$router".pid.*; do
    pid=$(cat "$file" 2>/dev/null) || continue
    # The number may be another process's by now; a proxy has the router in its arguments.
    ! grep -qsF "$router" "/proc/$pid/cmdline" || kill "$pid" || true
  done
  ip link delete "tap\${port#q?-}" 2>/dev/null || true
done
systemctl restart ${agent}
while [ -n "$(faults)" ]; do sleep 1; done`,
      timeoutSeconds: timeouts.services.stop.seconds,
    },
  ]
}

/** Prints `router ID has no INTERFACE` for each that is missing. Neutron's database, on the same node, knows them. */
function faultsOf(lab: Lab): string {
  return `wanted() {
  mariadb -N -B neutron -e "SELECT r.id, IF(p.device_owner = 'network:router_gateway', 'qg-', 'qr-'), LEFT(p.id, 11)
FROM routers r JOIN ports p ON p.device_id = r.id JOIN routerl3agentbindings b ON b.router_id = r.id
JOIN agents a ON a.id = b.l3_agent_id WHERE r.admin_state_up = 1 AND a.host = '${controllerOf(lab).name}'
AND p.device_owner IN ('network:router_gateway', 'network:router_interface')"
}
faults() {
  wanted | while read -r router kind port; do
    ip -n "qrouter-$router" link show "$kind$port" >/dev/null 2>&1 || echo "router $router has no $kind$port"
  done
}`
}
