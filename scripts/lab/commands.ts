/** The registry of commands: one entry each, from which dispatch, help, completion and docs/commands.md are made. */

import type { CommandDef } from 'citty'
import { serviceNames } from '../declaration/lab.ts'
import type { Entry } from './command-entry.ts'

const load = (module: Promise<unknown>) => module as Promise<{ default: CommandDef<never> }>

export const commands: Readonly<Record<string, Entry>> = {
  up: {
    load: () => load(import('./up.ts')),
    group: 'the lab',
    summary: 'build the lab, or bring it to what is declared, and verify it',
    examples: [
      ['./lab up', 'builds what ansible-vars/ declares; again: only what changed'],
      ['./lab up --timings', 'at the end also the chain of steps that decided how long it took'],
      ['./lab up --hypervisor lxc', 'the first time: nodes as containers, whatever lab_hypervisor says'],
      ['./lab up --terraform tofu', 'the first time: with OpenTofu, also where Terraform is there'],
    ],
  },
  down: {
    load: () => load(import('./down.ts')),
    group: 'the lab',
    summary: 'remove the lab and prove that nothing is left',
    examples: [
      ['./lab down', 'asks first'],
      ['./lab down --yes', 'for scripts'],
    ],
  },
  stop: {
    load: () => load(import('./stop.ts')),
    needsLab: true,
    group: 'the lab',
    summary: 'shut the nodes down in order, and keep all that is on them',
    examples: [['./lab stop', 'until ./lab start']],
    inside: true,
  },
  start: {
    load: () => load(import('./start.ts')),
    needsLab: true,
    group: 'the lab',
    summary: 'start a stopped lab in order, and verify it',
    examples: [['./lab start', 'after ./lab stop, or when a node went down by itself']],
    inside: true,
  },
  plan: {
    load: () => load(import('./plan.ts')),
    group: 'the lab',
    summary: 'show what would be built or changed; touches nothing',
    examples: [
      ['./lab plan', 'before the first up: the whole lab; later: what would change, and why'],
      ['./lab plan --svg > lab.svg', 'a picture of it'],
    ],
  },
  status: {
    load: () => load(import('./status.ts')),
    group: 'looking',
    summary: 'nodes, services, agents, instances on one screen',
    examples: [
      ['./lab status', 'exit code 0: all is well'],
      ['./lab status --watch', 'until Ctrl-C'],
      ['./lab status --json', 'for programs'],
    ],
    inside: true,
  },
  verify: {
    load: () => load(import('./verify.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'the acceptance list, each line observed now',
    examples: [
      ['./lab verify', 'exit code 0: every line holds'],
      ['./lab verify --quick', 'agents, endpoints and the instance only: seconds'],
      ['./lab verify --volumes', 'attach, extend, snapshot, clone, boot from a volume: minutes'],
    ],
    inside: true,
  },
  doctor: {
    load: () => load(import('./doctor.ts')),
    group: 'looking',
    summary: 'what is wrong, why, and what to do about it',
    examples: [
      ['./lab doctor', 'each finding with its cause, its evidence and the next command; exit code 0: nothing found'],
      ['./lab doctor --fix', 'repairs what is safe to repair, and looks again'],
      ['./lab doctor --host', 'is this machine fit for the declared lab? before the first up, too'],
    ],
  },
  trace: {
    load: () => load(import('./trace.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'the request flow of a launch, drawn from the lab itself',
    examples: [
      ['./lab trace --launch', 'launches an instance, records it, shows every step with its evidence'],
      ['./lab trace test', 'the test instance: what the logs still say'],
      ['./lab trace --launch --html > trace.html', 'as one page with a sequence diagram'],
      ['./lab trace --drill no-valid-host', 'a launch that is meant to fail, and where it stops'],
    ],
    inside: true,
  },
  topology: {
    load: () => load(import('./topology.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'what is wired to what, and every hop to an instance',
    examples: [
      ['./lab topology', 'bridges, taps, namespaces and instances of all nodes'],
      ['./lab topology --path test', 'hop by hop from this host; the first bad one is named'],
      ['./lab topology --html > topology.html', 'as a picture'],
    ],
    inside: true,
  },
  report: {
    load: () => load(import('./report.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'one page of everything that is known of the lab',
    examples: [
      ['./lab report', 'writes .lab/report.html, as each up does that changed something'],
      ['./lab report lab.html', 'a page to hand on'],
    ],
    inside: true,
  },
  logs: {
    load: () => load(import('./logs.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'what the services say, on all nodes, in one order',
    examples: [
      ['./lab logs nova neutron', 'the last quarter of an hour of both, on all nodes'],
      ['./lab logs --level WARNING --since 2h', 'what went wrong'],
      ['./lab logs --request req-6ea66000', 'one request through all services'],
      ['./lab logs --follow', 'as it is written'],
      ['./lab logs export', 'one archive for a bug report, secrets masked'],
    ],
    inside: true,
    firstWords: [...serviceNames, 'export'],
    repeats: true,
  },
  ssh: {
    load: () => load(import('./ssh.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'log in to a node, or run a command there',
    examples: [
      ['./lab ssh controller', 'a root shell'],
      ['./lab ssh compute1 journalctl -u nova-compute', 'one command; its exit code is kept'],
    ],
    inside: true,
    passthrough: 'NODE [COMMAND…]',
    firstWords: 'nodes',
  },
  openstack: {
    load: () => load(import('./openstack.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'the OpenStack client, as admin',
    examples: [
      ['./lab openstack server list', 'what runs'],
      ['./lab openstack network agent list', 'and who wires it'],
    ],
    inside: true,
    passthrough: '[ARGUMENT…]',
  },
  image: {
    load: () => load(import('./image.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'put a stock cloud image into Glance, checked',
    examples: [
      ['./lab image add debian-12-genericcloud-amd64.qcow2 debian-12', 'a file; SHA512SUMS beside it is used'],
      ['./lab image add https://example.org/os.qcow2 os --checksum sha256:HEX', 'fetched, compared, sent'],
    ],
    firstWords: ['add'],
  },
  open: {
    load: () => load(import('./open.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'dashboard and consoles on 127.0.0.1, until Ctrl-C',
    examples: [
      ['./lab open', 'shows the address and where the passwords stand'],
      ['./lab open --passwords', 'and the passwords themselves'],
    ],
  },
  console: {
    load: () => load(import('./console.ts')),
    needsLab: true,
    group: 'everyday',
    summary: "an instance's screen and keyboard in a browser",
    examples: [['./lab console test', 'prints its address and keeps it reachable while it is looked at']],
  },
  exec: {
    load: () => load(import('./exec.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'run a program where the lab can be reached',
    examples: [
      ['./lab exec -- virsh list', 'the domains of this lab'],
      ['./lab exec -- ansible all -m ping', 'Ansible, with the inventory that declares the lab'],
      ['./lab exec -- terraform -chdir=cdktf.out/stacks/cloud plan', 'Terraform by hand, over the same stacks'],
    ],
    passthrough: '-- COMMAND [ARGUMENT…]',
  },
  test: {
    load: () => load(import('./test.ts')),
    group: 'this tool',
    summary: 'the tests that need no lab; `test e2e` builds a real one',
    examples: [
      ['./lab test', 'a minute'],
      ['./lab test e2e --hypervisor lxc', 'builds, checks and removes a real lab'],
    ],
    passthrough: '[e2e [--hypervisor KIND]] [VITEST ARGUMENT…]',
    firstWords: ['e2e'],
  },
  completion: {
    load: () => load(import('./completion.ts')),
    group: 'this tool',
    summary: 'completion of commands and options for bash, zsh or fish',
    examples: [
      ['source <(./lab completion bash)', 'for this shell; the same with zsh'],
      ['./lab completion fish | source', 'for fish'],
    ],
    firstWords: ['bash', 'zsh', 'fish'],
  },
  version: {
    load: () => load(import('./version.ts')),
    group: 'this tool',
    summary: 'versions of this tool, Terraform, the providers and OpenStack',
    examples: [['./lab version --json', 'for a bug report']],
  },
  'image-glance': {
    load: () => load(import('./image-glance.ts')),
    group: 'everyday',
    summary: 'the half of `image` that asks Glance',
    examples: [],
    inside: true,
    hidden: true,
  },
  'console-url': {
    load: () => load(import('./console-url.ts')),
    group: 'everyday',
    summary: 'the second half of `console`',
    examples: [],
    inside: true,
    hidden: true,
  },
  deploy: {
    load: () => load(import('./deploy.ts')),
    group: 'the lab',
    summary: 'the part of `up` after prepare',
    examples: [],
    inside: true,
    hidden: true,
  },
}
