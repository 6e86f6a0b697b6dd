/** What Heat's daemons read: heat.conf, the domain for users created by stacks, the WSGI script of the second API. */

import { urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, Database, Domain } from '../engine/service.ts'
import { databaseUrl } from './database-url.ts'
import { keystoneAuthtoken } from './keystone-authtoken.ts'
import { serviceCredentials } from './service-credentials.ts'
import { serviceTimeouts } from './service-timeouts.ts'
import { transportUrl } from './transport-url.ts'

export const heatDatabase = (secrets: Secrets): Database => ({
  name: 'heat',
  user: 'heat',
  password: secrets.heat_database_password,
})

/** In a separate domain a stack's users cannot be mistaken for the cloud's users, nor see them. */
export const stackDomain = (secrets: Secrets): Domain => ({
  name: 'heat',
  description: 'Users that stacks make',
  admin: { user: 'heat_domain_admin', password: secrets.heat_domain_admin_password },
})

/** One file for both APIs and the engine. */
export function heatConf(lab: Lab, secrets: Secrets): ConfigFile {
  const { name, admin } = stackDomain(secrets)
  const cfn = urlOf(lab, 'heatCfn')
  return {
    path: '/etc/heat/heat.conf',
    group: 'heat',
    mode: '0640',
    content: {
      DEFAULT: {
        transport_url: transportUrl(lab, secrets),
        region_name_for_services: lab.region,
        // The URL that a stack's instance, or whatever acts for it, sends signals to.
        heat_metadata_server_url: cfn,
        heat_waitcondition_server_url: `${cfn}/v1/waitcondition`,
        stack_user_domain_name: name,
        stack_domain_admin: admin.user,
        stack_domain_admin_password: admin.password,
        // Encrypts the parameters and credentials in the database: with another key existing stacks become unreadable.
        auth_encryption_key: secrets.heat_auth_encryption_key,
        num_engine_workers: lab.apiWorkers,
        rpc_response_timeout: serviceTimeouts(lab).rpcResponse,
      },
      database: { connection: databaseUrl(lab, heatDatabase(secrets)) },
      keystone_authtoken: keystoneAuthtoken(lab, 'heat', secrets.heat_password),
      // For discovery; without it Heat uses www_authenticate_uri and builds paths without a version.
      clients_keystone: { auth_uri: urlOf(lab, 'keystone') },
      trustee: trustee(lab, secrets),
    },
  }
}

/**
 * The user that later acts for a stack's owner through a trust. The trust names the project; if this section names one
 * too, Keystone refuses: "Authentication cannot be scoped to multiple targets".
 */
function trustee(lab: Lab, secrets: Secrets) {
  const all = serviceCredentials(lab, 'heat', secrets.heat_password)
  const { project_name: _name, project_domain_name: _domain, region_name: _region, ...unscoped } = all
  return unscoped
}

/**
 * Keystone checks a signed request only if a service asks (CVE-2025-65073). This release of Heat asks without a token,
 * so every signed signal would fail with 401: this patch adds Heat's own token.
 */
export const cfnWsgi: ConfigFile = {
  path: '/etc/heat/heat-api-cfn.wsgi',
  content: `from types import SimpleNamespace

from heat.api.aws import ec2token
from heat.httpd.heat_api_cfn import init_application
from keystoneauth1 import loading, session
from oslo_config import cfg

application = init_application()
keystone = session.Session(auth=loading.load_auth_from_conf_options(cfg.CONF, 'keystone_authtoken'))


def post(url, data, headers, **_):
    return keystone.post(url, data=data, headers=headers, raise_exc=False)


ec2token.requests = SimpleNamespace(post=post)
`,
}
