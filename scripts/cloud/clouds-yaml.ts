/** `.lab/clouds.yaml`: how every OpenStack client and the Terraform provider sign in; the only copy outside secrets.yml. */

import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { stringify } from 'yaml'
import { replaceFile } from '../declaration/files.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { authUrlOf } from './client.ts'

/** What the file says: cloud `duostack`, admin in project admin. */
function renderClouds(lab: Lab, secrets: Secrets): string {
  const duostack = {
    auth: {
      auth_url: authUrlOf(lab),
      username: 'admin',
      password: secrets.admin_password,
      project_name: 'admin',
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: lab.region,
    interface: 'public',
    identity_api_version: 3,
  }
  return `# The lab's own cloud, as admin. Written by prepare; the password is a copy of ansible-vars/secrets.yml.\n${stringify({ clouds: { duostack } })}`
}

/**
 * Writes `.lab/clouds.yaml`, 0600, whole or not at all. One that is right already is left as it is; one that others may
 * read is made anew.
 */
export function writeClouds(lab: Lab, secrets: Secrets): void {
  const file = lab.paths.clouds
  const content = renderClouds(lab, secrets)
  if (existsSync(file) && (statSync(file).mode & 0o777) === 0o600 && readFileSync(file, 'utf8') === content) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  replaceFile(file, content)
}
