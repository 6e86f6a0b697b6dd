/** Documents about a lab's health: status, verify and the doctor. */

import { z } from 'zod'
import { defineDocument } from './document.ts'
import { choice, count, finding, hypervisor, isolation, list, observation, text } from './shared.ts'

const unit = z.strictObject({
  service: text,
  unit: text,
  state: text.describe("systemd's ActiveState, or `missing`"),
  sinceSeconds: z.number().min(0).optional().describe('since it became active'),
})

const node = z.strictObject({
  name: text,
  roles: list(text),
  address: text,
  state: text.describe("libvirt's word, or `absent`; `unknown` if libvirt does not answer"),
  memoryMiB: count,
  usedMiB: count.optional(),
  load: z.number().optional().describe('of the last minute'),
  upSeconds: z.number().optional(),
  units: list(unit).optional(),
  impaired: list(
    z.strictObject({
      server: text.describe("the instance's id"),
      seconds: z.number().describe('until it ends by itself'),
      how: text.describe('rate, delay, loss'),
    }),
  )
    .optional()
    .describe('instances whose network `./lab impair` makes worse'),
  silent: text.optional().describe('why the node did not answer'),
  debug: list(text).optional().describe('services whose debug logging `./lab debug` turned on; absent: none'),
  patches: list(
    z.strictObject({
      service: text,
      name: text,
      state: z
        .enum(['whole', 'unfinished', 'replaced'])
        .describe('unfinished: a run was cut off in the middle; replaced: its files were changed since'),
    }),
  )
    .optional()
    .describe('of installed Python, by `./lab patch`; absent: none'),
})

const cloud = z.strictObject({
  silent: observation.optional().describe('why nothing could be read'),
  endpoints: list(observation),
  agents: list(observation).describe('network agents, and daemons of the other services'),
  stale: list(text)
    .optional()
    .describe('ids of agents that are reported as alive although their unit or node has stopped'),
  missing: list(observation).optional().describe('what the lab made in the cloud and somebody deleted'),
  instances: list(
    z.strictObject({
      id: text,
      name: text,
      own: z.boolean().describe('made by the lab itself; otherwise by a user'),
      status: text.describe("Nova's word"),
      address: text,
      host: text,
      created: text.describe('ISO 8601'),
      launched: text.optional().describe('ISO 8601, when it first ran'),
      fault: text.optional(),
    }),
  ),
  volumes: list(
    z.strictObject({
      id: text,
      name: text,
      own: z.boolean(),
      status: text.describe("Cinder's word"),
      sizeGiB: count,
      attachedTo: list(text).describe('ids of instances'),
    }),
  ),
})

export const statusDocument = defineDocument('status', {
  version: 1,
  command: './lab status --json',
  fields: {
    lab: z.strictObject({ id: text, name: text, hypervisor, isolation }),
    healthy: z.boolean().describe('of the lab itself, whatever users have made'),
    troubles: list(
      observation.omit({ ok: true }).extend({ ofUser: z.boolean().describe('about something that a user made') }),
    ).describe('what is wrong, causes before their consequences'),
    nodes: list(node),
    cloud: cloud.optional().describe('absent if no node is running'),
  },
})

export const verifyDocument = defineDocument('verify', {
  version: 1,
  command: './lab verify --json',
  fields: { ok: z.boolean().describe('all of them'), observations: list(observation) },
})

const problem = z.strictObject({
  id: text.describe('rule and about; the same in every run'),
  rule: text.describe('its section in docs/reference/troubleshooting.md'),
  about: text.describe('a node, a unit on a node, a service, or an object by its id'),
  symptom: text,
  cause: text,
  evidence: list(text),
  next: text.describe('a command that shows or does more'),
  follows: list(text).describe('ids of problems that this one explains'),
  fixable: z.boolean().describe('by --fix'),
  ofUser: z.boolean().describe('about something that a user made'),
})

export const doctorDocument = defineDocument('doctor', {
  version: 1,
  command: './lab doctor --json',
  fields: {
    healthy: z.boolean().describe('of the lab itself, whatever users have made'),
    rules: count.describe('how many were checked'),
    problems: list(problem).describe('causes before their consequences'),
    unread: list(z.strictObject({ rule: text, at: text, why: text })).describe('what could not be checked'),
    onPurpose: list(text).optional().describe('debug logging and patches, in words; absent: none'),
    fixed: list(text).describe('ids of the problems that --fix repaired'),
    found: list(problem).describe('with --fix: the problems before it'),
  },
})

export const hostDocument = defineDocument('doctor-host', {
  version: 1,
  command: './lab doctor --host --json',
  fields: {
    fit: z.boolean().describe('`up` would not refuse'),
    hypervisor: choice(z.enum(['auto', ...hypervisor.options])),
    isolation: choice(isolation),
    lines: list(
      z.strictObject({
        what: text.describe('what is checked; the same in every run'),
        verdict: z.enum(['fine', 'advice', 'wrong']),
        seen: text,
        findings: list(finding),
      }),
    ),
  },
})
