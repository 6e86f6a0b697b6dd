/** Commands that show what there is. */

import { serviceNames } from '../../declaration/service-profiles.ts'
import { type Entries, load } from '../command-entry.ts'

export const looking: Entries = {
  status: {
    load: () => load(import('../status.ts')),
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
    load: () => load(import('../verify.ts')),
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
    load: () => load(import('../doctor.ts')),
    group: 'looking',
    summary: 'what is wrong, why, and what to do about it',
    examples: [
      ['./lab doctor', 'each finding with its cause, its evidence and the next command; exit code 0: nothing found'],
      ['./lab doctor --fix', 'repairs what is safe to repair, and looks again'],
      ['./lab doctor --host', 'is this machine fit for the declared lab? before the first up, too'],
    ],
  },
  trace: {
    load: () => load(import('../trace.ts')),
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
    load: () => load(import('../topology.ts')),
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
    load: () => load(import('../report.ts')),
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
    load: () => load(import('../logs.ts')),
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
}
