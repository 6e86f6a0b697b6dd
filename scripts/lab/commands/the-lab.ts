/** The commands that build, change and remove the lab. */

import { type Entries, load } from '../command-entry.ts'

export const theLab: Entries = {
  up: {
    load: () => load(import('../up.ts')),
    group: 'the lab',
    summary: 'build the lab, or update it to match ansible-vars/, and verify it',
    examples: [
      ['./lab up', 'builds the lab; when run again, applies only what changed'],
      ['./lab up --timings', 'also print the critical path: the steps that decided how long it took'],
      ['./lab up --hypervisor lxc', 'at the first up: nodes are containers, whatever lab_hypervisor says'],
      ['./lab up --terraform tofu', 'at the first up: use OpenTofu even if Terraform is installed'],
      ['./lab up --evict', 'after a compute node was removed from hosts.yml: moves its servers to other nodes'],
      ['./lab up --rebuild', 'replaces the lab, for changes that a running lab cannot take'],
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
    summary: 'remove the lab and check that nothing is left',
    examples: [
      ['./lab down', 'asks first'],
      ['./lab down --yes', 'for scripts'],
    ],
  },
  stop: {
    load: () => load(import('../stop.ts')),
    needsLab: true,
    group: 'the lab',
    summary: 'shut the nodes down, keeping their disks',
    examples: [['./lab stop', './lab start brings the lab back']],
    inside: true,
  },
  start: {
    load: () => load(import('../start.ts')),
    needsLab: true,
    group: 'the lab',
    summary: 'start a stopped lab and verify it',
    examples: [['./lab start', 'after ./lab stop, or when a node has stopped by itself']],
    inside: true,
  },
  save: {
    load: () => load(import('../save.ts')),
    group: 'the lab',
    summary: 'save the whole lab at one moment',
    examples: [
      ['./lab save before-upgrade', 'for ./lab restore before-upgrade'],
      ['./lab save --delete before-upgrade', 'removes the save; the lab stays as it is'],
    ],
  },
  restore: {
    load: () => load(import('../restore.ts')),
    group: 'the lab',
    summary: 'bring the lab back to a save',
    examples: [
      ['./lab restore before-upgrade', 'asks first'],
      ['./lab restore before-upgrade --yes', 'for scripts; after ./lab down too'],
    ],
  },
  reset: {
    load: () => load(import('../reset.ts')),
    group: 'the lab',
    summary: 'bring the lab back to the save `fresh`',
    examples: [['./lab reset', 'with lab_checkpoint: the lab as up left it']],
  },
  saves: {
    load: () => load(import('../saves.ts')),
    group: 'the lab',
    summary: 'list the saves',
    examples: [['./lab saves', 'with the time, the size and the lab of each']],
  },
  export: {
    load: () => load(import('../export.ts')),
    group: 'the lab',
    summary: 'write a save into one file, for another machine',
    examples: [
      ['./lab export before-upgrade lab.tar.zst', 'with the node image; it contains the passwords'],
      ['./lab export before-upgrade lab.tar.zst.age --encrypt', 'asks for a passphrase'],
    ],
  },
  import: {
    load: () => load(import('../import.ts')),
    group: 'the lab',
    summary: 'take a save out of a file',
    examples: [
      ['./lab import lab.tar.zst --trust', 'then ./lab restore; its nodes run what is in the file as root'],
      ['./lab import lab.tar.zst --trust --as student1', 'a new lab of it, beside its original'],
    ],
  },
  bundle: {
    load: () => load(import('../bundle.ts')),
    group: 'the lab',
    summary: 'write one archive for machines without a network',
    examples: [
      ['./lab bundle duostack.tar', 'everything that a machine with the same system needs to build labs'],
      ['./lab bundle duostack.tar --save before-upgrade', 'with a save, for ./lab restore there'],
    ],
  },
  checkpoint: {
    load: () => load(import('../checkpoint.ts')),
    group: 'the lab',
    summary: 'the part of `save` and `restore` inside the lab',
    examples: [],
    inside: true,
    hidden: true,
  },
  secrets: {
    load: () => load(import('../secrets.ts')),
    group: 'the lab',
    summary: 'generate new passwords and keys for the running lab',
    examples: [
      ['./lab secrets rotate nova_password', 'a new value in secrets.yml and in every service that uses it'],
      ['./lab secrets rotate', 'all of them'],
    ],
    firstWords: ['rotate'],
    repeats: true,
  },
  plan: {
    load: () => load(import('../plan.ts')),
    group: 'the lab',
    summary: 'show what up would build or change; changes nothing',
    examples: [
      ['./lab plan', 'before the first up: the whole lab; later: what would change and why'],
      ['./lab plan --svg > lab.svg', 'a picture of it'],
    ],
  },
}
