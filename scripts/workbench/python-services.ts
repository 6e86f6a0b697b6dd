/** Which services can be patched, and whose log level can be changed; read from their profiles alone. */

import { profileOf, type ServiceName, serviceNames } from '../declaration/service-profiles.ts'

/** Services that are Python programs. */
export const pythonServices = serviceNames.filter((name) => profileOf(name).python)

/** The file that all daemons of a service read; undefined of one that is not written with oslo.config. */
export function configOf(service: ServiceName): string | undefined {
  const files = Object.keys(profileOf(service).iniFiles ?? {})
  return [`/etc/${service}/${service}.conf`, `/etc/${service}/${service}-api.conf`].find((file) => files.includes(file))
}

export const debugServices = pythonServices.filter(configOf)
