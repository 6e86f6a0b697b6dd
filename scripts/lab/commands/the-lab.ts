/** Commands that build, change and remove the lab. */

import { type Entries, load } from '../command-entry.ts'

export const theLab: Entries = {
  up: {
    load: () => load(import('../up.ts')),
    group: 'the lab',
    summary: 'build the lab, or bring it to what is declared, and verify it',
    examples: [
      ['./lab up', 'builds what ansible-vars/ declares; again: only what changed'],
      ['./lab up --timings', 'at the end also the chain of steps that decided how long it took'],
      ['./lab up --hypervisor lxc', 'the first time: nodes as containers, whatever lab_hypervisor says'],
      ['./lab up --terraform tofu', 'the first time: with OpenTofu, also where Terraform is there'],
      ['./lab up --evict', 'after a compute node was taken out of hosts.yml: its servers move to the others'],
      ['./lab up --rebuild', 'a new lab in place of this one, for what cannot change on a living lab'],
    ],
  },
  deploy: {
    load: () => load(import('../deploy.ts')),
    group: 'the lab',
    summary: 'the part of `up` after prepare',
    examples: [],
    inside: true,
    hidden: true,
  },
  down: {
    load: () => load(import('../down.ts')),
    group: 'the lab',
    summary: 'remove the lab and prove that nothing is left',
    examples: [
      ['./lab down', 'asks first'],
      ['./lab down --yes', 'for scripts'],
    ],
  },
  stop: {
    load: () => load(import('../stop.ts')),
    needsLab: true,
    group: 'the lab',
    summary: 'shut the nodes down in order, and keep all that is on them',
    examples: [['./lab stop', 'until ./lab start']],
    inside: true,
  },
  start: {
    load: () => load(import('../start.ts')),
    needsLab: true,
    group: 'the lab',
    summary: 'start a stopped lab in order, and verify it',
    examples: [['./lab start', 'after ./lab stop, or when a node went down by itself']],
    inside: true,
  },
  secrets: {
    load: () => load(import('../secrets.ts')),
    group: 'the lab',
    summary: 'new passwords and keys, for the lab as it runs',
    examples: [
      ['./lab secrets rotate nova_password', 'a new one, in secrets.yml and in every service that has it'],
      ['./lab secrets rotate', 'all of them'],
    ],
    firstWords: ['rotate'],
    repeats: true,
  },
  plan: {
    load: () => load(import('../plan.ts')),
    group: 'the lab',
    summary: 'show what would be built or changed; touches nothing',
    examples: [
      ['./lab plan', 'before the first up: the whole lab; later: what would change, and why'],
      ['./lab plan --svg > lab.svg', 'a picture of it'],
    ],
  },
}
