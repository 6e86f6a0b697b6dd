/** Documents about the tool itself and what the services say: versions, environment, log lines. */

import { z } from 'zod'
import { type Ending, exitCodes } from '../../declaration/exit-codes.ts'
import { levels } from '../../insight/logs/levels.ts'
import { defineDocument } from './document.ts'
import { count, finding, hypervisor, isolation, list, text } from './shared.ts'

export const versionDocument = defineDocument('version', {
  version: 1,
  command: './lab version --json',
  fields: {
    duostack: text,
    cdktf: text,
    node: text,
    terraform: z.strictObject({ name: text, version: text, path: text }).nullable(),
    providers: z.record(z.string(), z.string()),
    openstack: z.strictObject({
      release: text,
      debian: text,
      packages: z.record(z.string(), z.string()).nullable().describe('null: there is no node image yet'),
    }),
  },
})

export const errorDocument = defineDocument('error', {
  version: 1,
  command: 'any command with --json that fails',
  fields: {
    error: z.strictObject({
      reason: z.enum(Object.keys(exitCodes) as [Ending, ...Ending[]]).describe('the name of the exit code'),
      exitCode: z.int(),
      message: text.describe('as it would be shown without --json'),
      findings: list(finding).optional(),
      docs: list(text).optional().describe('pages that explain it, with their anchors'),
    }),
  },
})

export const envDocument = defineDocument('env', {
  version: 1,
  command: './lab env --json',
  fields: {
    environment: z
      .record(z.string(), z.string())
      .describe('no secrets; OS_CLIENT_CONFIG_FILE names a file with mode 0600'),
    isolated: z.boolean().describe('the lab can be reached through `./lab exec` only'),
  },
})

export const savesDocument = defineDocument('saves', {
  version: 1,
  command: './lab saves --json',
  fields: {
    saves: list(
      z.strictObject({
        name: text,
        id: text.describe('of the lab'),
        lab: text,
        current: z.boolean().describe('of the lab that is in this checkout now'),
        created: z.iso.datetime(),
        hypervisor,
        isolation,
        imageDigest: text,
        nodes: list(text),
        bytes: count.describe('on the disk, besides what it shares with earlier saves'),
        memory: z.boolean().describe('its nodes continue with their memory'),
      }),
    ),
  },
})

/** One on each line. */
export const logLineDocument = defineDocument('log-line', {
  version: 1,
  command: './lab logs --json',
  fields: {
    at: z.iso.datetime().describe('UTC'),
    node: text,
    from: text.describe("the log's short name, or a unit of the journal"),
    level: z.enum(levels),
    text,
  },
})
