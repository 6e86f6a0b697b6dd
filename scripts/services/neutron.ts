/**
 * Neutron: API and RPC server on the controller, Linuxbridge agents on all its nodes, DHCP and metadata agents beside
 * them, and where projects have networks of their own, the L3 agent.
 */

import { urlOf } from '../declaration/endpoints.ts'
import { isSelfService, type Lab, nodesWith } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { Part, Readiness, ServiceDefinition } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'
import { typeOf } from './keystone-authtoken.ts'
import { migrateStep } from './migrations.ts'
import {
  computeNeutronConf,
  controllerNeutronConf,
  dhcpAgentConf,
  l3AgentConf,
  linuxbridgeAgentConf,
  metadataAgentConf,
  ml2Conf,
  neutronDatabase,
  neutronPrivsep,
} from './neutron-config.ts'
import { dhcpStep } from './neutron-dhcp.ts'
import { ebtablesRepair } from './neutron-ebtables.ts'
import { frames } from './neutron-frames.ts'
import { routerStep } from './neutron-routers.ts'
import { rpcListens } from './neutron-rpc.ts'
import { vxlanPeers } from './neutron-vxlan.ts'
import { wireStep } from './neutron-wires.ts'
import { neutronWsgi } from './neutron-wsgi.ts'
import { privsepSudoers } from './privsep.ts'
import { serviceRoles } from './service-credentials.ts'
import { serviceTimeouts, slowUnit, waitForAnswer } from './service-timeouts.ts'
import { uwsgiFiles } from './uwsgi.ts'

const bridgeAgent = 'neutron-linuxbridge-agent'

export const neutron: ServiceDefinition = (lab, secrets) => ({
  name: 'neutron',
  needs: ['keystone', 'rabbitmq'],
  databases: [neutronDatabase(secrets)],
  identity: {
    user: 'neutron',
    password: secrets.neutron_password,
    roles: serviceRoles,
    type: typeOf('neutron'),
    name: 'neutron',
    description: 'OpenStack Networking',
    url: urlOf(lab, 'neutron'),
  },
  parts: [serverPart(lab, secrets), controllerAgentsPart(lab, secrets), computeAgentPart(lab, secrets)],
  ready: checks(lab),
})

function serverPart(lab: Lab, secrets: Secrets): Part {
  return {
    on: 'controller',
    packages: ['neutron-api', 'neutron-rpc-server'],
    files: [
      controllerNeutronConf(lab, secrets),
      ml2Conf(lab),
      neutronWsgi,
      ...uwsgiFiles(lab, {
        unit: 'neutron-api',
        // Its name in the init script.
        initName: 'neutron-server',
        ini: '/etc/neutron/neutron-api-uwsgi.ini',
        application: neutronWsgi.path,
        user: 'neutron',
        listener: 'neutron',
        extra: { paste: 'config:/etc/neutron/api-paste.ini' },
      }),
      slowUnit(lab, 'neutron-rpc-server'),
    ],
    setup: [
      migrateStep(
        'neutron',
        'neutron-db-manage --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini upgrade heads',
        [{ database: 'neutron', versions: 'neutron/db/migration/alembic_migrations/versions' }],
      ),
    ],
    units: ['neutron-api', 'neutron-rpc-server'],
  }
}

const controllerAgents = (lab: Lab) => [
  bridgeAgent,
  'neutron-dhcp-agent',
  'neutron-metadata-agent',
  ...(isSelfService(lab) ? ['neutron-l3-agent'] : []),
]

function controllerAgentsPart(lab: Lab, secrets: Secrets): Part {
  const ebtables = ebtablesRepair(lab)
  const peers = vxlanPeers(lab)
  const agents = controllerAgents(lab)
  return {
    on: 'controller',
    packages: [...agents, 'ebtables', 'ipset'],
    files: [
      // The agents read the first two files as well: listed again here, so that the agents restart when one changes.
      controllerNeutronConf(lab, secrets),
      ml2Conf(lab),
      ...linuxbridgeAgentConf(lab, 'controller'),
      dhcpAgentConf(),
      ...l3AgentConf(lab),
      metadataAgentConf(lab, secrets),
      privsepSudoers(neutronPrivsep),
      ...ebtables.files,
      ...frames.files,
      ...peers.files,
      ...rpcListens(lab).files,
      ...agents.map((agent) => agentUnit(lab, agent)),
    ],
    setup: [...ebtables.setup, ...frames.setup, ...peers.setup, wireStep(lab), dhcpStep(lab), ...routerStep(lab)],
    units: agents,
  }
}

function computeAgentPart(lab: Lab, secrets: Secrets): Part {
  const ebtables = ebtablesRepair(lab)
  const peers = vxlanPeers(lab)
  return {
    on: 'compute',
    // Its units wait for Neutron, like the controller's own agents.
    alongside: true,
    packages: [bridgeAgent, 'ebtables', 'ipset'],
    files: [
      computeNeutronConf(lab, secrets),
      ml2Conf(lab),
      ...linuxbridgeAgentConf(lab, 'compute'),
      privsepSudoers(neutronPrivsep),
      ...ebtables.files,
      ...frames.files,
      ...peers.files,
      ...rpcListens(lab).files,
      agentUnit(lab, bridgeAgent),
    ],
    setup: [...ebtables.setup, ...frames.setup, ...peers.setup, wireStep(lab)],
    units: [bridgeAgent],
  }
}

/**
 * An agent that starts before Neutron answers loses a whole RPC timeout at a cold boot; meanwhile it counts as dead and
 * instances get no lease.
 */
function agentUnit(lab: Lab, agent: string) {
  const first = agent === bridgeAgent ? [frames.before, ...vxlanPeers(lab).before] : []
  const listens = rpcListens(lab).before
  return slowUnit(lab, agent, [...first, waitForAnswer(lab, [`${urlOf(lab, 'neutron')}/`]), ...listens])
}

function checks(lab: Lab): Readiness[] {
  const expected = controllerAgents(lab).length + nodesWith(lab, 'compute').length
  const { agentDown } = serviceTimeouts(lab)
  const query = `SELECT host, \\\`binary\\\`, heartbeat_timestamp FROM agents WHERE admin_state_up = 1 AND heartbeat_timestamp > UTC_TIMESTAMP() - INTERVAL ${agentDown} SECOND`
  return [
    {
      what: 'Neutron answers',
      url: `${urlOf(lab, 'neutron')}/`,
      status: [200],
      deadlineSeconds: timeouts.services.slowReady.seconds,
    },
    {
      what: `${expected} network agents are alive`,
      on: 'controller',
      command: `rows=$(mariadb -N -B neutron -e "${query}"); echo "$rows"; test "$(grep -c . <<<"$rows")" = ${expected}`,
      deadlineSeconds: timeouts.services.slowReady.seconds,
    },
  ]
}
