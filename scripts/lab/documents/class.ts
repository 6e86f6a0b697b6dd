/** The documents about projects: of a class, and of one project. */

import { z } from 'zod'
import { networkings } from '../../declaration/lab.ts'
import { defineDocument } from './document.ts'
import { count, list, text } from './shared.ts'

const used = z.strictObject({ used: count, limit: z.int().min(-1).describe('-1: without a limit') })

/** What a project uses of its quotas. */
const projectUse = z
  .strictObject({
    instances: used,
    cores: used,
    memoryMiB: used,
    ports: used,
    networks: used,
    routers: used.describe('with lab_networking: self-service'),
    floatingIps: used.describe('with lab_networking: self-service'),
    volumes: used.describe('with Cinder'),
    volumeGiB: used.describe('with Cinder: volumes and snapshots together'),
  })
  .partial()

export const classDocument = defineDocument('class', {
  version: 1,
  command: './lab class ACTION --json',
  fields: {
    action: z.enum(['create', 'list', 'reset', 'remove']),
    networking: z.enum(networkings),
    students: list(
      z.strictObject({
        student: text.describe('name of the user and of the project'),
        name: text.nullable().describe("the person's, from the CSV file"),
        complete: z.boolean().describe('project, user and sheet are there'),
        sheet: text.nullable().describe('path in the checkout of the file with the credentials'),
        use: projectUse,
      }),
    ).describe('the class after the action'),
  },
})

export const projectDocument = defineDocument('project', {
  version: 1,
  command: './lab status --project NAME --json',
  fields: {
    project: z.strictObject({ id: text, name: text }),
    use: projectUse,
    objects: list(
      z.strictObject({
        kind: text.describe('servers, volumes, networks, …'),
        id: text,
        name: text.describe('empty where it has none'),
        status: text.optional().describe("the service's word"),
      }),
    ).describe('what the project owns; key pairs belong to users and are not in it'),
  },
})
