/** cinder.conf, the same for API, scheduler and volume service of a node. */

import { urlOf } from '../declaration/endpoints.ts'
import { controllerOf, type Lab, type LabNode, nodesWith } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, Database } from '../engine/service.ts'
import { backendOf } from './cinder-backend.ts'
import { databaseUrl } from './database-url.ts'
import { keystoneAuthtoken } from './keystone-authtoken.ts'
import { type PrivsepUser, privsepSections } from './privsep.ts'
import { serviceCredentials } from './service-credentials.ts'
import { serviceTimeouts } from './service-timeouts.ts'
import { transportUrl } from './transport-url.ts'

export const cinderPrivsep: PrivsepUser = {
  user: 'cinder',
  config: '/etc/cinder/cinder.conf',
  contexts: { cinder_sys_admin: 'cinder.privsep.sys_admin_pctxt', privsep_osbrick: 'os_brick.privileged.default' },
}

export function cinderDatabase(secrets: Secrets): Database {
  return { name: 'cinder', user: 'cinder', password: secrets.cinder_database_password }
}

export function controllerCinderConf(lab: Lab, secrets: Secrets): ConfigFile {
  return cinderConf(lab, secrets, controllerOf(lab))
}

export function storageCinderConfs(lab: Lab, secrets: Secrets): ConfigFile[] {
  return nodesWith(lab, 'storage').map((node) => cinderConf(lab, secrets, node))
}

/** Holds the data of all users. */
export const backupPath = '/var/lib/cinder/backup'

function backupOptions(lab: Lab): Record<string, string | number> {
  if (!lab.volumeBackup) return {}
  return {
    backup_driver: backendOf(lab).backup.driver,
    backup_posix_path: backupPath,
    // This much of a volume is held in memory at once and becomes one file. Cinder's default is 2 GB.
    backup_file_size: 64 * 1024 * 1024,
  }
}

/** A node may be both controller and storage: the file depends only on the node, so both parts write the same. */
function cinderConf(lab: Lab, secrets: Secrets, node: LabNode): ConfigFile {
  const backend = backendOf(lab)
  const seconds = serviceTimeouts(lab)
  return {
    path: cinderPrivsep.config,
    node: node.name,
    group: 'cinder',
    mode: '0640',
    content: {
      DEFAULT: {
        // Also the address of the iSCSI portals. Debian's file contains that of the machine that built the package.
        my_ip: node.address,
        transport_url: transportUrl(lab, secrets),
        state_path: '/var/lib/cinder',
        glance_api_servers: urlOf(lab, 'glance'),
        enabled_backends: backend.name,
        default_volume_type: backend.name,
        rpc_response_timeout: seconds.rpcResponse,
        report_interval: seconds.serviceReport,
        service_down_time: seconds.serviceDown,
        ...backupOptions(lab),
      },
      database: { connection: databaseUrl(lab, cinderDatabase(secrets)) },
      keystone_authtoken: keystoneAuthtoken(lab, 'cinder', secrets.cinder_password),
      service_user: {
        send_service_user_token: true,
        ...serviceCredentials(lab, 'cinder', secrets.cinder_password),
      },
      // Nova takes the snapshot of an attached volume; without these Cinder cannot ask it to.
      nova: serviceCredentials(lab, 'nova', secrets.nova_password),
      oslo_concurrency: { lock_path: '/var/lib/cinder/tmp' },
      ...privsepSections(cinderPrivsep),
      [backend.name]: { volume_backend_name: backend.name, ...backend.options },
    },
  }
}
