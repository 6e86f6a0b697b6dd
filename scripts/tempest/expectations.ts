/** What a lab is expected to pass of Tempest: committed lists of names, with what each test needs of the cloud. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSelfService, type Lab, nodesWith } from '../declaration/lab.ts'

export const listNames = ['smoke', 'refstack'] as const
export type ListName = (typeof listNames)[number]

/** What a cloud may lack, and how a person reads it. */
const needs = {
  volumes: 'volumes (lab_services.cinder)',
  dashboard: 'the dashboard (lab_services.horizon)',
  'project-networks': 'networks of a project (lab_networking: self-service, or VLAN in the nodes)',
  routers: 'routers and floating IPs (lab_networking: self-service)',
  'password-rules': 'rules for passwords in Keystone (lab_networking: self-service)',
  'two-computes': 'two compute nodes',
  'object-storage': 'object storage, which this lab never has',
  'identity-v2': 'version 2 of the Identity API, which this release no longer has',
} as const

export type Need = keyof typeof needs

/** Fails whatever the lab does, and counts as failed: upstream packages are at fault. */
export const knownFailures: Readonly<Record<string, string>> = {
  'tempest.api.identity.admin.v3.test_credentials.CredentialsTestJSON.test_credentials_create_get_update_delete':
    "Debian's Keystone 22.0.2-0+deb12u6 answers 400 when a credential is changed",
}

/** A list as it is committed: the name of a test and, behind a tab, what it needs. */
export function readList(name: ListName): Map<string, Need[]> {
  const text = readFileSync(join(import.meta.dirname, 'lists', `${name}.tsv`), 'utf8')
  const rows = text.trimEnd().split('\n')
  return new Map(
    rows.map((row) => {
      const [test = '', words] = row.split('\t')
      return [test, (words?.split(',') ?? []) as Need[]]
    }),
  )
}

/** What this lab's cloud has, from its declaration. */
function offers(lab: Lab): ReadonlySet<Need> {
  const selfService = isSelfService(lab)
  const has: Partial<Record<Need, boolean>> = {
    volumes: lab.services.cinder,
    dashboard: lab.services.horizon,
    'project-networks': selfService || lab.capabilities.vlan,
    routers: selfService,
    'password-rules': selfService,
    'two-computes': nodesWith(lab, 'compute').length > 1,
  }
  return new Set(Object.keys(has).filter((need) => has[need as Need]) as Need[])
}

export interface Expectation {
  /** It is expected to pass; skipped is not passed. Of a test on no list nothing is expected but that it does not fail. */
  expected: boolean
  /** Why it is not run on this lab, or why it will fail. */
  leftOut?: string
  known?: string
}

const lists = () => new Map(listNames.flatMap((name) => [...readList(name)]))

/** By a test's name, for this lab. */
export function expectationsOf(lab: Lab): (name: string) => Expectation {
  const has = offers(lab)
  const listed = lists()
  return (name) => {
    const wanted = listed.get(name)
    const lacking = (wanted ?? []).filter((need) => !has.has(need))
    if (lacking.length > 0) {
      return { expected: false, leftOut: `needs ${lacking.map((need) => needs[need]).join('; ')}` }
    }
    const known = knownFailures[name]
    return { expected: wanted !== undefined && known === undefined, ...(known ? { known } : {}) }
  }
}
