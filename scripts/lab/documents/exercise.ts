/** The document of `./lab exercise`. */

import { z } from 'zod'
import { defineDocument } from './document.ts'
import { count, list, observation, text } from './shared.ts'

export const exerciseDocument = defineDocument('exercise', {
  version: 1,
  command: './lab exercise ACTION --json',
  fields: {
    action: z.enum(['list', 'start', 'hint', 'check', 'solve', 'stop']),
    exercises: list(
      z.strictObject({
        name: text,
        kind: z.enum(['repair', 'build']),
        level: z.int().min(1).max(3),
        title: text,
        available: z.boolean().describe('this lab has the services and the kind of node that it needs'),
      }),
    )
      .optional()
      .describe('of the action list'),
    running: z
      .strictObject({
        name: text.nullable().describe('null if it is hidden'),
        hidden: z.boolean(),
        task: text,
        began: z.iso.datetime(),
        seconds: count.describe('until the check passed first, or until now'),
        hints: list(text).describe('those that were shown'),
        hintsLeft: count,
        failedChecks: count,
        solutionShown: z.boolean(),
        solved: z.boolean().describe('the check has passed'),
        score: count.describe('from 100 down; so far, if it is not solved'),
      })
      .nullable()
      .describe('of the action stop: as it ended; null: none is running'),
    observations: list(observation).optional().describe('of the actions check and solve'),
    solution: z
      .strictObject({ commands: list(text), answer: text })
      .optional()
      .describe('of the action solve'),
  },
})
