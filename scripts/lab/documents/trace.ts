/** The document of `./lab trace`. */

import { z } from 'zod'
import { defineDocument } from './document.ts'
import { list } from './shared.ts'

const evidence = z.strictObject({
  node: z.string().describe('the node that the line was read from'),
  file: z.string().describe('a path on the node, journal:TAG, or mariadb:DATABASE.TABLE'),
  line: z
    .int()
    .min(0)
    .describe('line number in the file, from 1; for the journal or a table, the position in the answer'),
  text: z.string().describe('the line itself'),
})

const stepId = z.string().regex(/^(nova|network|image|volume|project|floating)-\d+$/)

const step = z.strictObject({
  textStep: stepId.nullable().describe('the textbook step; null for what Zed does beyond the textbook steps'),
  atMs: z.number().describe('milliseconds since the client started'),
  from: z.string().describe('unit@node'),
  to: z.string().describe('unit@node'),
  kind: z.enum([
    'REST',
    'RPC call',
    'RPC cast',
    'RPC reply',
    'queue',
    'SQL',
    'cache',
    'libvirt',
    'dnsmasq',
    'log',
    'kernel',
  ]),
  rpc: z.enum(['call', 'cast', 'reply']).optional().describe('for everything that goes through the message queue'),
  what: z.string().describe('what was requested or reported, in one line'),
  tookMs: z.number().min(0).optional().describe('milliseconds until the answer, if there was one'),
  evidence,
  more: list(evidence).optional().describe('further evidence for the same step'),
  zed: z.strictObject({ does: z.string(), why: z.string(), since: z.string() }).optional(),
})

export const traceDocument = defineDocument('trace', {
  version: 2,
  command: './lab trace SERVER --json',
  fields: {
    id: z.string(),
    source: z.enum(['launch', 'logs']).describe('recorded while it happened, or only from the normal logs'),
    about: z.enum(['project-network', 'floating-ip']).optional().describe('absent for a launch on a provider network'),
    server: z.strictObject({
      id: z.string().optional(),
      name: z.string(),
      status: z.string(),
      fault: z.string().optional(),
      host: z.string().optional(),
    }),
    drill: z.string().optional(),
    began: z.iso.datetime(),
    tookMs: z.int().min(0),
    ids: z.strictObject({
      globalRequest: z.string().optional().describe('the id that the client sent'),
      requests: list(z.string()).describe("nova-api's own ids of the request"),
      instance: z.string().optional(),
      ports: list(z.string()),
      macs: list(z.string()),
      volumes: list(z.string()),
      image: z.string().optional(),
      network: z.string().optional(),
      router: z.string().optional(),
      floatingIp: z.string().optional(),
    }),
    lost: z.int().min(0).describe('packets that the recorder lost'),
    steps: list(step).describe('in chronological order'),
    notSeen: list(z.strictObject({ textStep: stepId, text: z.string(), reason: z.string() })),
    durations: list(z.strictObject({ name: z.string(), fromMs: z.number(), tookMs: z.number() })),
    services: list(
      z.strictObject({ service: z.string(), kind: z.enum(['REST', 'RPC call']), count: z.int(), tookMs: z.number() }),
    ),
    stop: z
      .strictObject({ after: stepId.nullable(), because: z.string(), evidence: list(evidence) })
      .optional()
      .describe('for a launch that failed: how far it got, and the evidence that says why'),
  },
})
