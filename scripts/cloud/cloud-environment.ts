/**
 * The environment in which any OpenStack client finds this lab. It names a file with mode 0600 and contains no
 * password.
 */

import type { Lab } from '../declaration/lab.ts'
import { withoutProxy } from '../run/no-proxy.ts'
import { cloudsOf } from './access-files.ts'

/** `OS_CLOUD` may choose among the lab's own clouds; one of another cloud's clouds.yaml means nothing here. */
export function cloudEnvironment(lab: Lab, given = process.env['OS_CLOUD']): Record<string, string> {
  const [admin, ...others] = cloudsOf(lab)
  const chosen = others.find((cloud) => cloud === given) ?? admin
  return { OS_CLIENT_CONFIG_FILE: lab.paths.clouds, OS_CLOUD: chosen, ...withoutProxy(lab) }
}
