/** Where one stands with a lab, what is likely to come next, and what of it is seen from outside the lab's network. */

import { execa } from 'execa'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { whoHoldsLock } from '../run/lock.ts'
import { hasNamespace, insideLab } from '../run/namespace.ts'
import { isRoot } from '../run/process.ts'
import { readTimings, timingsFile } from '../run/progress/timings.ts'
import { table } from '../terminal/table.ts'
import { loadRunningLab } from './running-lab.ts'

/** A quick look, not a check: who wants to know for certain asks `status`. */
export const lookSeconds = 2

type Next = readonly (readonly [command: string, meaning: string])[]

/** What there is to say of each standing, and what is likely to come next. */
export const standings = {
  none: {
    what: 'no lab here yet',
    next: [
      ['./lab doctor --host', 'can this machine run one?'],
      ['./lab plan', 'what up would build, and how long it takes'],
      ['./lab up', 'builds it'],
    ],
  },
  busy: {
    what: 'a command is at work on it',
    next: [
      ['./lab status --watch', 'what is running'],
      ['./lab logs --follow', 'what the services say'],
      ['./lab doctor', 'problems, their causes and what to do'],
    ],
  },
  absent: {
    what: 'not running on this machine: a reboot stops it',
    next: [
      ['./lab up', 'brings it back'],
      ['./lab plan', 'what up would do'],
      ['./lab down', 'removes the lab'],
    ],
  },
  stopped: {
    what: 'stopped: its nodes are shut down',
    next: [
      ['./lab start', 'starts the nodes and verifies the lab'],
      ['./lab status', 'each node'],
      ['./lab down', 'removes the lab'],
    ],
  },
  unfinished: {
    what: 'not complete: the last up did not end well',
    next: [
      ['./lab up', 'continues'],
      ['./lab doctor', 'problems, their causes and what to do'],
      ['./lab logs --level ERROR', 'what the services say'],
    ],
  },
  healthy: {
    what: 'healthy',
    next: [
      ['./lab open', 'the dashboard and the consoles'],
      ['./lab openstack server list --all-projects', 'the OpenStack client, as admin'],
      ['./lab trace --launch', 'watch an instance being launched'],
    ],
  },
  unhealthy: {
    what: 'not healthy',
    next: [
      ['./lab doctor', 'problems, their causes and what to do'],
      ['./lab status', 'everything on one screen'],
      ['./lab up', 'applies the configuration again and repairs what differs'],
    ],
  },
  hidden: {
    what: 'looking at it needs sudo, which would ask for a password',
    next: [
      ['./lab status', 'everything on one screen'],
      ['./lab doctor', 'problems, their causes and what to do'],
      ['./lab open', 'the dashboard and the consoles'],
    ],
  },
  unknown: {
    what: `did not answer within ${lookSeconds} s`,
    next: [
      ['./lab status', 'asks with more patience'],
      ['./lab doctor', 'problems, their causes and what to do'],
      ['./lab doctor --host', 'is it this machine?'],
    ],
  },
} as const satisfies Record<string, { what: string; next: Next }>

export type Standing = keyof typeof standings

/** `detail` takes a line of its own. */
export function showOverview(standing: Standing, lab?: Pick<Lab, 'id' | 'name' | 'hypervisor'>, detail = ''): string {
  const { what, next } = standings[standing]
  const name = lab
    ? `${lab.name} ${lab.id} (${lab.hypervisor})`
    : 'Duostack: a two-node OpenStack cloud on this machine'
  return [
    `${name}: ${what}`,
    ...(detail ? [detail] : []),
    '',
    'Next:',
    ...table(next),
    '',
    'All commands: ./lab --help',
  ].join('\n')
}

/** How the last `up` ended, if there was one. */
export const lastUp = (root: string) => readTimings(timingsFile(root))

/** What is known of a lab that cannot be looked at now. */
export function describeLastUp(root: string): string {
  const last = lastUp(root)
  return last ? `  the last up ended on ${last.ended.slice(0, 16).replace('T', ' ')} UTC: ${last.outcome}` : ''
}

/** Undefined for a lab that has to be looked at from inside its network, and can be. */
export async function overviewFromOutside(root: string): Promise<string | undefined> {
  if (!readIdentity(root)) return showOverview('none')
  const lab = loadRunningLab(root)
  const holder = await whoHoldsLock(root)
  if (holder) return showOverview('busy', lab, `  ${holder}`)
  if (insideLab(lab)) return undefined
  if (!hasNamespace(lab)) return showOverview('absent', lab)
  if (isRoot || (await execa('sudo', ['-n', 'true'], { reject: false, stdio: 'ignore' })).exitCode === 0)
    return undefined
  return showOverview('hidden', lab, describeLastUp(root))
}
