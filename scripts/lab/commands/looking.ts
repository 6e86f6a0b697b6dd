/** The commands that show the lab's state. */

import { serviceNames } from '../../declaration/service-profiles.ts'
import { type Entries, load } from '../command-entry.ts'

export const looking: Entries = {
  status: {
    load: () => load(import('../status.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'show nodes, services, agents and instances on one screen',
    examples: [
      ['./lab status', 'exit code 0: everything is healthy'],
      ['./lab status --watch', 'refreshes until Ctrl-C'],
      ['./lab status --json', 'for programs'],
    ],
    inside: true,
  },
  verify: {
    load: () => load(import('../verify.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'run all checks now',
    examples: [
      ['./lab verify', 'exit code 0: every check passed'],
      ['./lab verify --quick', 'only agents, endpoints and the instance: seconds'],
      ['./lab verify --junit verify.xml', 'also a file for CI'],
      ['./lab verify --volumes', 'attach, extend, snapshot, clone, boot from a volume: minutes'],
    ],
    inside: true,
  },
  wait: {
    load: () => load(import('../wait.ts')),
    needsLab: true,
    needsArguments: true,
    group: 'looking',
    summary: 'wait until the lab is healthy, or an instance is active or deleted',
    examples: [
      ['./lab wait --for healthy', 'exit code 0 as soon as everything is healthy'],
      ['./lab wait --for active:web1 --timeout 2m', 'by name or id; ends at once if the instance fails'],
      ['./lab wait --for deleted:web1', 'until there is no such instance'],
    ],
    inside: true,
  },
  doctor: {
    load: () => load(import('../doctor.ts')),
    group: 'looking',
    summary: 'find problems, their causes and what to do about them',
    examples: [
      ['./lab doctor', 'each problem with its cause, evidence and next command; exit code 0: no problems'],
      ['./lab doctor --fix', 'repairs what is safe to repair, then checks again'],
      ['./lab doctor --host', 'checks whether this machine can run the lab; works before the first up'],
    ],
  },
  tempest: {
    load: () => load(import('../tempest.ts')),
    needsLab: true,
    group: 'looking',
    summary: "run OpenStack's own test suite against this lab",
    examples: [
      ['./lab tempest', 'the smoke tests'],
      ['./lab tempest refstack', 'the 333 tests of the interoperability guideline: about half an hour'],
      ['./lab tempest tempest.api.compute.flavors', 'all tests whose name matches'],
      ['./lab tempest --cleanup', 'removes what a killed run has left in the cloud'],
    ],
  },
  trace: {
    load: () => load(import('../trace.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'show a launch step by step, with evidence from the lab',
    examples: [
      ['./lab trace --launch', 'launches an instance, records it, shows every step with its evidence'],
      ['./lab trace test', 'the test instance: what the logs still say about its launch'],
      ['./lab trace --launch --html > trace.html', 'as one page with a sequence diagram'],
      ['./lab trace --drill no-valid-host', 'a launch that is meant to fail, and where it stops'],
      ['./lab trace --launch --network selfservice', 'on a network behind a router (lab_networking: self-service)'],
      ['./lab trace --floating-ip', 'how a floating IP begins to work, down to the NAT rules'],
    ],
    inside: true,
  },
  topology: {
    load: () => load(import('../topology.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'show how everything is connected, or every hop to an instance',
    examples: [
      ['./lab topology', 'bridges, taps, namespaces and instances of all nodes'],
      ['./lab topology --path test', 'hop by hop from this host; names the first bad hop'],
      ['./lab topology --html > topology.html', 'as a picture'],
    ],
    inside: true,
  },
  capture: {
    load: () => load(import('../capture.ts')),
    needsLab: true,
    group: 'looking',
    summary: "show an instance's packets at a place of its path",
    examples: [
      ['./lab capture test', "everything at the instance's tap"],
      ['./lab capture web1 --wait --at dhcp --fields', 'how an instance that is launched next gets its lease'],
      ['./lab capture test --at eth1 --for 30s --output test.pcap', 'a file for Wireshark'],
      ['./lab capture test --live | wireshark -k -i -', 'in Wireshark as they come'],
    ],
  },
  'capture-place': {
    load: () => load(import('../capture-place.ts')),
    group: 'looking',
    summary: 'the first half of `capture`',
    examples: [],
    inside: true,
    hidden: true,
  },
  report: {
    load: () => load(import('../report.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'write one page with everything about the lab',
    examples: [
      ['./lab report', 'writes .lab/report.html, like each up that changed something'],
      ['./lab report lab.html', 'a page that you can send to someone'],
    ],
    inside: true,
  },
  logs: {
    load: () => load(import('../logs.ts')),
    needsLab: true,
    group: 'looking',
    summary: 'show the logs of all nodes, merged by time',
    examples: [
      ['./lab logs nova neutron', 'the last 15 minutes of both, on all nodes'],
      ['./lab logs --level WARNING --since 2h', 'what went wrong'],
      ['./lab logs --request req-6ea66000', 'one request through all services'],
      ['./lab logs --follow', 'new lines as they are written'],
      ['./lab logs --level ERROR --json', 'for programs: one document on each line'],
      ['./lab logs export', 'one archive for a bug report, secrets masked'],
    ],
    inside: true,
    firstWords: [...serviceNames, 'export'],
    repeats: true,
  },
}
