/** The commands for everyday use of the lab. */

import { debugServices, pythonServices } from '../../workbench/python-services.ts'
import { type Entries, load } from '../command-entry.ts'

export const everyday: Entries = {
  ssh: {
    load: () => load(import('../ssh.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'log in to a node, or run a command on it',
    examples: [
      ['./lab ssh controller', 'a root shell'],
      ['./lab ssh compute1 journalctl -u nova-compute', 'one command; exits with its exit code'],
    ],
    inside: true,
    passthrough: 'NODE [COMMAND…]',
    firstWords: 'nodes',
  },
  env: {
    load: () => load(import('../env.ts')),
    needsLab: true,
    group: 'everyday',
    summary: "print the environment of the lab's clients for your shell",
    examples: [
      ['eval "$(./lab env)"', 'sets them in this shell; the passwords stay in a file that only you can read'],
      ['./lab env --json', 'for programs'],
    ],
  },
  openstack: {
    load: () => load(import('../openstack.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'run the OpenStack client, as admin',
    examples: [
      ['./lab openstack server list', 'list the instances'],
      ['./lab openstack network agent list', 'list the network agents'],
    ],
    inside: true,
    passthrough: '[ARGUMENT…]',
  },
  image: {
    load: () => load(import('../image.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'check a cloud image and upload it to Glance',
    examples: [
      ['./lab image add debian-12-genericcloud-amd64.qcow2 debian-12', 'a file; uses SHA512SUMS next to it'],
      [
        './lab image add https://example.org/os.qcow2 os --checksum sha256:HEX',
        'downloads it, compares the checksum, uploads it',
      ],
    ],
    firstWords: ['add'],
  },
  'image-glance': {
    load: () => load(import('../image-glance.ts')),
    group: 'everyday',
    summary: 'the part of `image` that talks to Glance',
    examples: [],
    inside: true,
    hidden: true,
  },
  open: {
    load: () => load(import('../open.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'serve the dashboard and the consoles on 127.0.0.1, until Ctrl-C',
    examples: [
      ['./lab open', 'shows the addresses and where to find the passwords'],
      ['./lab open --passwords', 'also shows the passwords'],
      ['./lab open --api', 'also the APIs, for OpenStack clients on this machine'],
      ['./lab open --port 8081 --console-port 6081', 'if the usual ports are in use'],
    ],
  },
  console: {
    load: () => load(import('../console.ts')),
    needsLab: true,
    group: 'everyday',
    summary: "open an instance's screen and keyboard in a browser",
    examples: [['./lab console test', 'prints its address and serves it while the page is open']],
  },
  'console-url': {
    load: () => load(import('../console-url.ts')),
    group: 'everyday',
    summary: 'the second half of `console`',
    examples: [],
    inside: true,
    hidden: true,
  },
  impair: {
    load: () => load(import('../impair.ts')),
    needsLab: true,
    group: 'everyday',
    summary: "make an instance's network slow, late or lossy for a time",
    examples: [
      ['./lab impair test --rate 1mbit', 'for a minute; then the node undoes it'],
      ['./lab impair test --delay 100ms --loss 10% --for 10m', 'where the kernel of the node has netem'],
      ['./lab impair test --off', 'undoes it now'],
    ],
    inside: true,
  },
  exercise: {
    load: () => load(import('../exercise.ts')),
    needsLab: true,
    needsArguments: true,
    group: 'everyday',
    summary: 'problems to solve on your own lab, with hints and a score',
    examples: [
      ['./lab exercise list', 'all of them'],
      ['./lab exercise start no-address', 'breaks something, and says what a user would notice'],
      ['./lab exercise start --hidden', 'one by chance, without saying which'],
      ['./lab exercise check', 'looks at the cloud; exit code 0: solved'],
      ['./lab exercise stop', 'puts everything back'],
    ],
    inside: true,
    firstWords: ['list', 'start', 'hint', 'check', 'solve', 'stop'],
  },
  debug: {
    load: () => load(import('../debug.ts')),
    needsLab: true,
    needsArguments: true,
    group: 'everyday',
    summary: "turn a service's debug logging on or off while it runs",
    examples: [
      ['./lab debug nova on', 'then: ./lab logs nova --level DEBUG --follow'],
      ['./lab debug nova off', 'back to the level of its configuration'],
    ],
    inside: true,
    firstWords: debugServices,
  },
  patch: {
    load: () => load(import('../patch.ts')),
    needsLab: true,
    needsArguments: true,
    group: 'everyday',
    summary: 'try a patch on the installed Python of a service',
    examples: [
      ['./lab patch nova fix.patch', 'on all nodes of Nova, or on none; then restarts Nova'],
      ['./lab patch --list', 'all patches that are in place'],
      ['./lab patch nova --revert fix.patch', 'takes it back; without a file all of Nova'],
    ],
    inside: true,
    firstWords: pythonServices,
  },
  exec: {
    load: () => load(import('../exec.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'run a program where the lab can be reached',
    examples: [
      ['./lab exec -- virsh list', 'the libvirt domains of this lab'],
      ['./lab exec -- ansible all -m ping', 'Ansible, with the inventory that defines the lab'],
      ['./lab exec -- terraform -chdir=cdktf.out/stacks/cloud plan', 'Terraform by hand, with the same stacks'],
    ],
    passthrough: '-- COMMAND [ARGUMENT…]',
  },
}
