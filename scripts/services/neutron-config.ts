/** neutron.conf, the ML2 plug-in's settings, and those of the agents. */

import { ports } from '../declaration/endpoints.ts'
import { controllerOf, isSelfService, type Lab, nodesWith, type Role } from '../declaration/lab.ts'
import { physicalNetwork, providerInterface } from '../declaration/provider-network.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, Database, IniContent } from '../engine/service.ts'
import { databaseUrl } from './database-url.ts'
import { keystoneAuthtoken } from './keystone-authtoken.ts'
import { frameExtension } from './neutron-frames.ts'
import { vxlanPort } from './neutron-vxlan.ts'
import { type PrivsepUser, privsepSections } from './privsep.ts'
import { serviceCredentials } from './service-credentials.ts'
import { serviceTimeouts } from './service-timeouts.ts'
import { transportUrl } from './transport-url.ts'

const path = '/etc/neutron/neutron.conf'

/** Of the words that apply. */
const listOf = (...words: (string | false)[]) => words.filter(Boolean).join(',')

export const neutronPrivsep: PrivsepUser = {
  user: 'neutron',
  config: path,
  contexts: {
    privsep: 'neutron.privileged.default',
    privsep_dhcp_release: 'neutron.privileged.dhcp_release_cmd',
    privsep_namespace: 'neutron.privileged.namespace_cmd',
    privsep_conntrack: 'neutron.privileged.conntrack_cmd',
    privsep_link: 'neutron.privileged.link_cmd',
  },
}

export function neutronDatabase(secrets: Secrets): Database {
  return { name: 'neutron', user: 'neutron', password: secrets.neutron_database_password }
}

export function controllerNeutronConf(lab: Lab, secrets: Secrets): ConfigFile {
  const common = commonSections(lab, secrets)
  return neutronConf({
    ...common,
    DEFAULT: {
      ...common['DEFAULT'],
      // It also receives the agents' reports, which saves a process.
      rpc_workers: 1,
      rpc_state_report_workers: 0,
      dhcp_agents_per_network: 1,
      // Until Neutron reports that the port is wired, an instance stays in BUILD.
      notify_nova_on_port_status_changes: true,
      notify_nova_on_port_data_changes: true,
    },
    database: { connection: databaseUrl(lab, neutronDatabase(secrets)) },
    nova: serviceCredentials(lab, 'nova', secrets.nova_password),
  })
}

export function computeNeutronConf(lab: Lab, secrets: Secrets): ConfigFile {
  return neutronConf(commonSections(lab, secrets))
}

function neutronConf(content: IniContent): ConfigFile {
  return { path, content, group: 'neutron', mode: '0640' }
}

function commonSections(lab: Lab, secrets: Secrets): IniContent {
  const seconds = serviceTimeouts(lab)
  return {
    DEFAULT: {
      transport_url: transportUrl(lab, secrets),
      // The init scripts search for exactly this line.
      core_plugin: 'ml2',
      // Without routers, instances are connected directly to provider networks. The agents read this too.
      service_plugins: listOf(isSelfService(lab) && 'router', lab.capabilities.vlan && 'trunk'),
      rpc_response_timeout: seconds.rpcResponse,
      agent_down_time: seconds.agentDown,
    },
    keystone_authtoken: keystoneAuthtoken(lab, 'neutron', secrets.neutron_password),
    // Since Zed the agent and the server exit at once without it; OpenStack 2025.1 dropped the driver.
    experimental: { linuxbridge: true },
    oslo_concurrency: { lock_path: '/var/lib/neutron/tmp' },
    agent: {
      report_interval: seconds.agentReport,
      root_helper: 'sudo neutron-rootwrap /etc/neutron/rootwrap.conf',
      // One Python process for all commands instead of one each.
      root_helper_daemon: 'sudo neutron-rootwrap-daemon /etc/neutron/rootwrap.conf',
    },
    ...privsepSections(neutronPrivsep),
  }
}

/** Read by the server and by the Linuxbridge agents: the same file on all nodes. */
export function ml2Conf(lab: Lab): ConfigFile {
  const [first, last] = lab.networks.vlanRange
  const overlay = isSelfService(lab)
  const vlan: IniContent = { ml2_type_vlan: { network_vlan_ranges: `${physicalNetwork}:${first}:${last}` } }
  return {
    path: '/etc/neutron/plugins/ml2/ml2_conf.ini',
    content: {
      ml2: {
        type_drivers: listOf('flat', lab.capabilities.vlan && 'vlan', overlay && 'vxlan'),
        // What projects' own networks are made of, the first by default. Without 802.1Q in the nodes' kernel and without
        // VXLAN projects cannot have any.
        tenant_network_types: listOf(overlay && 'vxlan', lab.capabilities.vlan && 'vlan'),
        mechanism_drivers: listOf('linuxbridge', overlay && 'l2population'),
        extension_drivers: 'port_security',
        // That of the management network. VXLAN takes 50 bytes of it: DHCP tells instances 1450.
        ...(overlay ? { path_mtu: 1500 } : {}),
      },
      ml2_type_flat: { flat_networks: physicalNetwork },
      ...(lab.capabilities.vlan ? vlan : {}),
      ...(overlay ? { ml2_type_vxlan: { vni_ranges: '1:1000' } } : {}),
      securitygroup: { enable_ipset: true },
    },
  }
}

/** With an overlay each node names its own end of the tunnels; without one it is the same file on all nodes. */
export function linuxbridgeAgentConf(lab: Lab, role: Role): ConfigFile[] {
  if (!isSelfService(lab)) return [linuxbridgeAgentFile({ enable_vxlan: false })]
  return nodesWith(lab, role).map(({ name, address }) => ({
    // The kernel's own port is another one.
    ...linuxbridgeAgentFile({ enable_vxlan: true, local_ip: address, l2_population: true, udp_dstport: vxlanPort }),
    node: name,
  }))
}

function linuxbridgeAgentFile(vxlan: IniContent[string]): ConfigFile {
  return {
    path: '/etc/neutron/plugins/ml2/linuxbridge_agent.ini',
    content: {
      linux_bridge: { physical_interface_mappings: `${physicalNetwork}:${providerInterface}` },
      vxlan,
      agent: { extensions: frameExtension },
      securitygroup: { enable_security_group: true, firewall_driver: 'iptables', enable_ipset: true },
    },
  }
}

export function dhcpAgentConf(): ConfigFile {
  return {
    path: '/etc/neutron/dhcp_agent.ini',
    content: {
      DEFAULT: {
        interface_driver: 'linuxbridge',
        dhcp_driver: 'neutron.agent.linux.dhcp.Dnsmasq',
        // On a network without a router nothing else forwards instances to the metadata service.
        enable_isolated_metadata: true,
      },
    },
  }
}

export function l3AgentConf(lab: Lab): ConfigFile[] {
  if (!isSelfService(lab)) return []
  return [{ path: '/etc/neutron/l3_agent.ini', content: { DEFAULT: { interface_driver: 'linuxbridge' } } }]
}

export function metadataAgentConf(lab: Lab, secrets: Secrets): ConfigFile {
  return {
    path: '/etc/neutron/metadata_agent.ini',
    content: {
      DEFAULT: {
        nova_metadata_host: controllerOf(lab).address,
        nova_metadata_port: ports.novaMetadata,
        metadata_proxy_shared_secret: secrets.metadata_proxy_secret,
        metadata_workers: 1,
      },
    },
    group: 'neutron',
    mode: '0640',
  }
}
