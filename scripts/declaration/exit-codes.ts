/** The exit codes of `./lab`: the only place where they are numbers; help and docs/reference/commands.md show this table. */

export const exitCodes = {
  ok: { code: 0, short: 'done or healthy', meaning: 'done, or everything is healthy' },
  failed: { code: 1, short: 'failed or unhealthy', meaning: 'failed, or something is not healthy' },
  usage: { code: 2, short: 'wrong command line', meaning: 'the command line is wrong; nothing was done' },
  ofUser: {
    code: 3,
    short: 'unhealthy: only what users created',
    meaning: 'the lab is healthy, but something that a user created is not (`status`, `doctor`)',
  },
  noLab: { code: 4, short: 'no lab here', meaning: 'there is no lab in this checkout' },
  unknown: {
    code: 5,
    short: 'cannot tell',
    meaning: 'cannot tell: the lab did not answer, or not everything could be checked',
  },
  stopped: { code: 130, short: 'Ctrl-C', meaning: 'stopped by Ctrl-C' },
} as const

export type Ending = keyof typeof exitCodes

export const exitCode = (ending: Ending): number => exitCodes[ending].code
