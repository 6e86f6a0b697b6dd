/** The part of a command's output that a failed test shows. */

export const tail = (text: unknown, lines = 25): string => String(text).split('\n').slice(-lines).join('\n')

/** Of a program that did not expect what happened. */
export const stackTrace = /^\s+at .+\(?[^)]*:\d+:\d+\)?$/m

/** Of an `up` that found everything as declared. */
export const noChange = /Terraform: 0 added, 0 changed, 0 destroyed/

/** A step that began, goes on or ended, of a command that is not on a terminal. */
export const progressLine = /^\d\d:\d\d:\d\d .*\n/gm
