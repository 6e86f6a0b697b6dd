/**
 * The files with which OpenStack clients sign in as admin and as the demo user; the only copies of their passwords
 * outside secrets.yml.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { replaceFile } from '../declaration/files.ts'
import { demoName, type Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { authUrlOf } from './client.ts'

/** One way to sign in. */
interface Access {
  /** The entry of clouds.yaml. */
  cloud: string
  /** User, and project of the same name. */
  name: string
  password: string
}

const adminCloud = 'duostack'

/** The entries of clouds.yaml, the admin's first. */
export function cloudsOf(lab: Lab): [string, ...string[]] {
  return lab.services.demo ? [adminCloud, demoName] : [adminCloud]
}

function accesses(lab: Lab, secrets: Secrets): Access[] {
  const admin = { cloud: adminCloud, name: 'admin', password: secrets.admin_password }
  const demo = { cloud: demoName, name: demoName, password: secrets.demo_password }
  return lab.services.demo ? [admin, demo] : [admin]
}

/**
 * Every text in quotes: the clients read YAML 1.1, to which a password `0b10101010` or a region `NO` without them is a
 * number and a false.
 */
const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const

/** A clouds.yaml for clients of this lab. */
export function renderCloudsOf(lab: Lab, accesses: readonly (Access & { authUrl: string })[]): string {
  const clouds = accesses.map(({ cloud, name, password, authUrl }) => [
    cloud,
    {
      auth: {
        auth_url: authUrl,
        username: name,
        password,
        project_name: name,
        user_domain_name: 'Default',
        project_domain_name: 'Default',
      },
      region_name: lab.region,
      interface: 'public',
      identity_api_version: 3,
    },
  ])
  return stringify({ clouds: Object.fromEntries(clouds) }, quoted)
}

/** Clouds `duostack` (admin in project admin) and `demo`. The Terraform provider reads it too. */
function renderClouds(lab: Lab, secrets: Secrets, { authUrl, by }: { authUrl: string; by: string }): string {
  const text = renderCloudsOf(
    lab,
    accesses(lab, secrets).map((access) => ({ ...access, authUrl })),
  )
  return `# The lab's own cloud. Written by ${by}; the passwords are copies of ansible-vars/secrets.yml.\n${text}`
}

/** As in the install guide. What the shell held before of another user or cloud would win over it, so that goes first. */
function renderOpenrc(lab: Lab, { name, password }: Access): string {
  const variables = {
    OS_AUTH_URL: authUrlOf(lab),
    OS_USERNAME: name,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: name,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_REGION_NAME: lab.region,
    OS_INTERFACE: 'public',
    OS_IDENTITY_API_VERSION: '3',
    OS_IMAGE_API_VERSION: '2',
  }
  return [
    `# ${name} in project ${name} of lab ${lab.name}. Read it where the lab can be reached: ./lab exec -- bash, then`,
    `#   . ${openrcFile(lab, name)}`,
    'for name in $(env | sed -n \'s/^\\(OS_[A-Z_]*\\)=.*/\\1/p\'); do unset "$name"; done',
    ...Object.entries(variables).map(([key, value]) => `export ${key}='${value}'`),
    '',
  ].join('\n')
}

/** `.lab/admin-openrc` */
export function openrcFile(lab: Lab, name: string): string {
  return join(lab.paths.state, `${name}-openrc`)
}

/**
 * Writes clouds.yaml and one openrc for each user, 0600, each whole or not at all. One that is right already is left as
 * it is; one that others may read is created again; one of a user who is switched off is removed.
 */
export function writeAccessFiles(lab: Lab, secrets: Secrets): void {
  writePrivate(lab.paths.clouds, renderClouds(lab, secrets, { authUrl: authUrlOf(lab), by: 'prepare' }))
  for (const access of accesses(lab, secrets)) writePrivate(openrcFile(lab, access.name), renderOpenrc(lab, access))
  if (!lab.services.demo) rmSync(openrcFile(lab, demoName), { force: true })
}

/** The same clouds at another address, in a file beside it, 0600; returns its path. */
export function writeLocalClouds(lab: Lab, secrets: Secrets, authUrl: string): string {
  const file = join(lab.paths.state, 'api-clouds.yaml')
  writePrivate(file, renderClouds(lab, secrets, { authUrl, by: './lab open --api' }))
  return file
}

/** 0600, whole or not at all; one that is right already is left as it is. */
export function writePrivate(file: string, content: string): void {
  if (existsSync(file) && (statSync(file).mode & 0o777) === 0o600 && readFileSync(file, 'utf8') === content) return
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  replaceFile(file, content)
}
