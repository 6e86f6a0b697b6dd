/** nova.conf: what both nodes share, and what each adds. */

import { ports, urlOf } from '../declaration/endpoints.ts'
import { controllerOf, type Lab, type LabNode } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, Database, IniContent } from '../engine/service.ts'
import { databaseUrl } from './database-url.ts'
import { keystoneAuthtoken } from './keystone-authtoken.ts'
import { privsepSections } from './privsep.ts'
import { serviceCredentials } from './service-credentials.ts'
import { serviceTimeouts } from './service-timeouts.ts'
import { transportUrl } from './transport-url.ts'

const path = '/etc/nova/nova.conf'

/** In this order: the API's own, the cell's, and the one for instances that no cell took. */
export const novaDatabases = (secrets: Secrets): [Database, Database, Database] => {
  const access = { user: 'nova', password: secrets.nova_database_password }
  return [
    { name: 'nova_api', ...access },
    { name: 'nova', ...access },
    { name: 'nova_cell0', ...access },
  ]
}

export function controllerNovaConf(lab: Lab, secrets: Secrets): ConfigFile {
  const [api, cell1] = novaDatabases(secrets)
  const controller = controllerOf(lab)
  const common = commonSections(lab, secrets, controller)
  return novaConf({
    ...common,
    api_database: { connection: databaseUrl(lab, api) },
    database: { connection: databaseUrl(lab, cell1) },
    scheduler: { workers: 1 },
    conductor: { workers: 1 },
    neutron: {
      ...common['neutron'],
      service_metadata_proxy: true,
      metadata_proxy_shared_secret: secrets.metadata_proxy_secret,
    },
    vnc: { enabled: true, novncproxy_host: controller.address, novncproxy_port: ports.novncproxy },
    // A browser reaches the console through the forwarded port on its own machine, or at the controller's address.
    console: { allowed_origins: `127.0.0.1,localhost,${controller.address}` },
  })
}

export function computeNovaConf(lab: Lab, secrets: Secrets, node: LabNode): ConfigFile {
  return {
    ...novaConf({
      ...commonSections(lab, secrets, node),
      vnc: {
        enabled: true,
        server_listen: node.address,
        server_proxyclient_address: node.address,
        // Where `./lab open` forwards the proxy to: the provider networks and nodes cannot be reached from elsewhere.
        novncproxy_base_url: `http://127.0.0.1:${lab.cloud.ports.console}/vnc_lite.html`,
      },
      ...privsepSections({
        config: path,
        contexts: {
          nova_sys_admin: 'nova.privsep.sys_admin_pctxt',
          privsep_osbrick: 'os_brick.privileged.default',
          vif_plug_linux_bridge_privileged: 'vif_plug_linux_bridge.privsep.vif_plug',
        },
      }),
    }),
    node: node.name,
  }
}

function novaConf(content: IniContent): ConfigFile {
  return { path, content, group: 'nova', mode: '0640' }
}

function commonSections(lab: Lab, secrets: Secrets, node: LabNode): IniContent {
  const seconds = serviceTimeouts(lab)
  const credentials = serviceCredentials(lab, 'nova', secrets.nova_password)
  return {
    DEFAULT: {
      // Debian's file contains the address of the machine that built the package.
      my_ip: node.address,
      transport_url: transportUrl(lab, secrets),
      // Nova's own default is a folder of the Python package.
      state_path: '/var/lib/nova',
      rpc_response_timeout: seconds.rpcResponse,
      report_interval: seconds.serviceReport,
      service_down_time: seconds.serviceDown,
      vif_plugging_timeout: seconds.vifPlugging,
      // After a cold boot of the lab the instances are started again.
      resume_guests_state_on_host_boot: true,
      // A single compute node has no other to resize to.
      allow_resize_to_same_host: true,
    },
    keystone_authtoken: keystoneAuthtoken(lab, 'nova', secrets.nova_password),
    // To detach a volume, Cinder requires a service's token in addition to the user's.
    service_user: { send_service_user_token: true, ...credentials },
    placement: credentials,
    neutron: serviceCredentials(lab, 'neutron', secrets.neutron_password),
    glance: { api_servers: urlOf(lab, 'glance') },
    cinder: { os_region_name: lab.region },
    // In /var/lock, the units' RuntimeDirectory would remove the locks of all units when one of them stops.
    oslo_concurrency: { lock_path: '/var/lib/nova/tmp' },
    spice: { enabled: false },
  }
}
