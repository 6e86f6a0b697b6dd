/** The fields of one entry in the registry of commands. */

import type { CommandDef } from 'citty'

/** In this order in the help. */
export const groups = ['the lab', 'looking', 'everyday', 'this tool'] as const

export interface Entry {
  load: () => Promise<{ default: CommandDef<never> }>
  group: (typeof groups)[number]
  /** One line in `./lab --help`. */
  summary: string
  /** Lines to paste, each with what it does. */
  examples: readonly (readonly [command: string, meaning: string])[]
  /** Refused at once in a checkout where no lab was built. */
  needsLab?: true
  /** There is nothing that it does without arguments. */
  needsArguments?: true
  /** Runs where the lab can be reached: in its network namespace, where it has one. */
  inside?: boolean
  /** Arguments belong to another program and are handed on untouched; this is how they read in the help. */
  passthrough?: string
  /** What the first word may be, where the shell can know it. */
  firstWords?: 'nodes' | readonly string[]
  /** The last of its words may stand more than once. */
  repeats?: boolean
  hidden?: boolean
}

/** By the word after `./lab`. */
export type Entries = Readonly<Record<string, Entry>>

/** A command's module, loaded only when it is run or described. */
export const load = (module: Promise<unknown>) => module as Promise<{ default: CommandDef<never> }>
