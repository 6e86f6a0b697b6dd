/** The WSGI script of neutron-api: the package's application, which sets up its database classes before any request. */

import type { ConfigFile } from '../engine/service.ts'

const path = '/etc/neutron/neutron-api.wsgi'

/**
 * SQLAlchemy links the classes at the first query. The package's script leaves that to the first request, and if that
 * request lists ports it fails with 500, "type object 'Port' has no attribute 'port_forwardings'": each time a worker
 * starts, one launch or one deploy would fail.
 */
export const neutronWsgi: ConfigFile = {
  path,
  content: `from neutron.cmd.eventlet.server import main_api_eventlet
from sqlalchemy.orm import configure_mappers

application = main_api_eventlet()
configure_mappers()
`,
}
