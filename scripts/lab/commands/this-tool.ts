/** The commands about this tool itself. */

import { type Entries, load } from '../command-entry.ts'

export const thisTool: Entries = {
  overview: {
    load: () => load(import('../overview.ts')),
    group: 'this tool',
    summary: 'what `./lab` alone shows of a lab',
    examples: [],
    inside: true,
    hidden: true,
  },
  test: {
    load: () => load(import('../test.ts')),
    group: 'this tool',
    summary: 'run the tests; e2e, faults and hosts use real labs',
    examples: [
      ['./lab test', 'a minute'],
      ['./lab test e2e --hypervisor lxc', 'builds, checks and removes a real lab'],
      ['./lab test faults', 'kills, breaks, changes and attacks one: about 90 minutes'],
      ['./lab test faults kills --kills 5 --seed 7', 'one part'],
      ['./lab test hosts A', 'on other machines that it creates; as root'],
      ['./lab test hosts debian13-user', 'one case'],
    ],
    passthrough: '[e2e|faults [PART…] [--hypervisor KIND]|hosts [A|B|C] [CASE…]] [VITEST ARGUMENT…]',
    firstWords: ['e2e', 'faults', 'hosts'],
  },
  completion: {
    load: () => load(import('../completion.ts')),
    group: 'this tool',
    summary: 'print a completion script for bash, zsh or fish',
    examples: [
      ['source <(./lab completion bash)', 'for this shell; the same for zsh'],
      ['./lab completion fish | source', 'for fish'],
    ],
    firstWords: ['bash', 'zsh', 'fish'],
  },
  version: {
    load: () => load(import('../version.ts')),
    group: 'this tool',
    summary: 'show the versions of this tool, Terraform and OpenStack',
    examples: [['./lab version --json', 'for a bug report']],
  },
}
