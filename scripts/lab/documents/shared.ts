/** What several documents have in common. */

import { z } from 'zod'
import { hypervisors, isolations } from '../../declaration/lab.ts'

/** Lists of the schema are never changed by us; those that we print are often readonly. */
export const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()

export const text = z.string()
export const count = z.int().min(0)

export const observation = z.strictObject({
  id: text.describe('what is checked; the same in every run'),
  what: text.describe('the fact that should hold, in words'),
  ok: z.boolean(),
  seen: text.describe('what was seen, in words'),
  data: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .readonly()
    .optional()
    .describe('the same as values'),
  next: text.describe('a command that shows or does more; empty where there is nothing to do'),
})

export const choice = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, because: text.describe('why, in words') })

export const hypervisor = z.enum(hypervisors)
export const isolation = z.enum(isolations)

export const finding = z.strictObject({
  where: text,
  given: text.describe('what was found'),
  allowed: text.describe('what was expected'),
  remedy: text.optional().describe('a command or a sentence'),
})
