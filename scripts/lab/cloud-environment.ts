/** The environment in which any OpenStack client finds this lab: a 0600 file is named, no password is in it. */

import type { Lab } from '../declaration/lab.ts'

export function cloudEnvironment(lab: Lab): Record<string, string> {
  return { OS_CLIENT_CONFIG_FILE: lab.paths.clouds, OS_CLOUD: process.env['OS_CLOUD'] ?? 'duostack' }
}
