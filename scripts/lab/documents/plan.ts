/** The document of `./lab plan`. */

import { z } from 'zod'
import { defineDocument } from './document.ts'
import { count, list, text } from './shared.ts'

const node = z.strictObject({
  name: text,
  roles: list(text),
  vcpus: count,
  memoryMiB: count,
  diskGiB: count,
  volumeDiskGiB: count,
  interfaces: list(
    z.strictObject({
      name: text,
      network: text,
      address: text.nullable().describe('null on the provider network, where nodes have none'),
      mac: text.nullable().describe('null before the first up'),
    }),
  ),
})

const network = z.strictObject({
  name: text,
  kind: z.enum(['management', 'provider', 'vlan']),
  cidr: text,
  hostAddress: text.nullable().describe("this machine's own address in it"),
  bridge: text.nullable().describe('null before the first up'),
  pool: z.tuple([text, text]).readonly().nullable().describe('first and last address for instances'),
  vlan: z.int().nullable().describe('the tag'),
})

const service = z.strictObject({
  name: text,
  needs: list(text),
  nodes: list(z.strictObject({ node: text, units: list(text), ports: list(count) })),
  databases: list(text),
  users: list(text),
  endpoints: list(z.strictObject({ type: text, url: text })),
})

const change = z.strictObject({
  node: text,
  phase: text,
  kind: text,
  title: text,
  path: text.optional(),
  reason: text,
  keys: list(
    z.strictObject({ key: text, now: text.nullable(), wanted: text.nullable() }).describe('null: not there'),
  ).describe('of a configuration file'),
})

const changes = z.strictObject({
  nodes: list(text),
  services: list(
    z.strictObject({
      name: text,
      because: list(z.enum(['declaration', 'nodes'])).describe('which of the two has changed since the last up'),
      details: list(change),
    }),
  ),
  resources: list(
    z.strictObject({
      stack: text,
      name: text,
      action: z.enum(['create', 'update', 'delete', 'replace']),
      attributes: list(z.strictObject({ name: text, now: z.unknown(), wanted: z.unknown(), replaces: z.boolean() })),
    }),
  ).describe("from Terraform's plans of the other stacks"),
  unread: list(z.strictObject({ stack: text, reason: text })).describe('stacks without a plan'),
  onPurpose: list(text).optional().describe('debug logging and patches, in words, which up keeps; absent: none'),
})

export const planDocument = defineDocument('plan', {
  version: 1,
  command: './lab plan --json',
  fields: {
    plan: z.strictObject({
      name: text,
      id: text.nullable().describe('null before the first up'),
      hypervisor: text,
      isolation: text,
      stockImage: text.nullable().describe("null: the nodes are made of the lab's own image"),
      nodes: list(node),
      networks: list(network),
      services: list(service),
      cloud: z.strictObject({ instance: text, flavor: text, volumeGiB: count }),
      totals: z.strictObject({ vcpus: count, memoryMiB: count, diskGiB: count }),
    }),
    because: z.strictObject({ hypervisor: text, isolation: text }),
    leftOut: list(text).describe('what this machine cannot give the lab; empty if that is not known yet'),
    volumeBackend: text.nullable().describe('null without Cinder'),
    needs: z
      .strictObject({ memoryMiB: count, diskMiB: count })
      .describe('what up asks of this machine: memory of the nodes and a reserve; everything that is written'),
    machine: z.strictObject({
      cpus: count,
      memoryMiB: count,
      availableMiB: count,
      freeDiskMiB: count.describe("where the nodes' disks would be"),
    }),
    downloads: list(z.strictObject({ what: text, detail: text, seconds: z.number() })),
    estimate: z.strictObject({
      seconds: z.number(),
      from: text.describe('what it is based on'),
      chain: list(z.strictObject({ stack: text, name: text, seconds: z.number() })).describe('the longest'),
    }),
    changes: changes.nullable().describe('what up would change on the running lab; null: there is none'),
  },
})
