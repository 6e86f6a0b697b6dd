/** The part of a command's output that a failed test shows. */

export const tail = (text: unknown, lines = 25): string => String(text).split('\n').slice(-lines).join('\n')

/** Printed by a program with an unexpected error. */
export const stackTrace = /^\s+at .+\(?[^)]*:\d+:\d+\)?$/m

/** Printed by an `up` that found everything as declared. */
export const noChange = /Terraform: 0 added, 0 changed, 0 destroyed/

/** A step that begins, continues or ends, in a command without a terminal. */
export const progressLine = /^\d\d:\d\d:\d\d .*\n/gm
