/** The routers of a self-service lab on the node of their L3 agent: each in its namespace, with all its interfaces. */

import { controllerOf, isSelfService, type Lab } from '../declaration/lab.ts'
import type { Step } from '../engine/service.ts'
import { remadeStep } from './neutron-remade.ts'

/**
 * The L3 agent makes a router when Neutron tells it to, or when it starts; it does not notice that a namespace or an
 * interface disappears. Restarted, it makes what is missing and leaves the rest alone.
 */
export function routerStep(lab: Lab): Step[] {
  if (!isSelfService(lab)) return []
  const [name, agent] = ['every router is whole', 'neutron-l3-agent']
  return [remadeStep(lab, { name, agent, faults: faultsOf(lab), before: endProxies })]
}

/** A namespace without its name lives on while a proxy runs in it, and the agent could not make the interfaces again. */
const endProxies = `# A namespace without its name lives on while a proxy runs in it, and the agent could not make the interfaces again.
faults | while read -r _ router _ _ port; do
  ! ip netns list | grep "^qrouter-$router" >/dev/null || continue
  for file in /var/lib/neutron/external/pids/"$router".pid.*; do
    pid=$(cat "$file" 2>/dev/null) || continue
    # The number may be another process's by now; a proxy has the router in its arguments.
    ! grep -qsF "$router" "/proc/$pid/cmdline" || kill "$pid" || true
  done
  ip link delete "tap\${port#q?-}" 2>/dev/null || true
done
`

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
