/** The document of a run of Tempest. */

import { z } from 'zod'
import { networkings } from '../../declaration/lab.ts'
import { defineDocument } from './document.ts'
import { count, list, text } from './shared.ts'

const counts = {
  passed: count,
  failed: count,
  skipped: count,
  leftOut: count.describe('not run, because this lab lacks what they need'),
}

export const tempestDocument = defineDocument('tempest', {
  version: 1,
  command: './lab tempest --json',
  fields: {
    ok: z.boolean().describe('everything that is expected of this lab has passed'),
    selected: text.describe('smoke, refstack or a regular expression'),
    networking: z.enum(networkings),
    seconds: z.number().min(0),
    counts: z.strictObject(counts),
    services: list(z.strictObject({ service: text, ...counts })),
    tests: list(
      z.strictObject({
        name: text,
        service: text,
        status: z.enum(['passed', 'failed', 'skipped', 'left-out']),
        seconds: z.number().min(0),
        expected: z.boolean().describe('expected to pass on this lab'),
        reason: text.optional().describe('why it did not pass'),
        traceback: text.optional(),
        known: text.optional().describe('it fails because of upstream packages'),
      }),
    ),
    leftovers: list(text).describe('what Tempest itself had left in the cloud; it is removed'),
  },
})
