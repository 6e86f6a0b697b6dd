/** The WSGI script of neutron-api: the package's application, with its database classes made ready before the first request. */

import type { ConfigFile } from '../engine/service.ts'

const path = '/etc/neutron/neutron-api.wsgi'

/**
 * SQLAlchemy links the classes at the first query. The package's script leaves that to the first request, and a first
 * request that lists ports ends in 500, "type object 'Port' has no attribute 'port_forwardings'": after each start of
 * each worker, one launch or one deploy would fail.
 */
export const neutronWsgi: ConfigFile = {
  path,
  content: `from neutron.cmd.eventlet.server import main_api_eventlet
from sqlalchemy.orm import configure_mappers

application = main_api_eventlet()
configure_mappers()
`,
}
