/** The everyday doors into the lab. */

import { type Entries, load } from '../command-entry.ts'

export const everyday: Entries = {
  ssh: {
    load: () => load(import('../ssh.ts')),
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
    load: () => load(import('../openstack.ts')),
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
    load: () => load(import('../image.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'put a stock cloud image into Glance, checked',
    examples: [
      ['./lab image add debian-12-genericcloud-amd64.qcow2 debian-12', 'a file; SHA512SUMS beside it is used'],
      ['./lab image add https://example.org/os.qcow2 os --checksum sha256:HEX', 'fetched, compared, sent'],
    ],
    firstWords: ['add'],
  },
  'image-glance': {
    load: () => load(import('../image-glance.ts')),
    group: 'everyday',
    summary: 'the half of `image` that asks Glance',
    examples: [],
    inside: true,
    hidden: true,
  },
  open: {
    load: () => load(import('../open.ts')),
    needsLab: true,
    group: 'everyday',
    summary: 'dashboard and consoles on 127.0.0.1, until Ctrl-C',
    examples: [
      ['./lab open', 'shows the address and where the passwords stand'],
      ['./lab open --passwords', 'and the passwords themselves'],
    ],
  },
  console: {
    load: () => load(import('../console.ts')),
    needsLab: true,
    group: 'everyday',
    summary: "an instance's screen and keyboard in a browser",
    examples: [['./lab console test', 'prints its address and keeps it reachable while it is looked at']],
  },
  'console-url': {
    load: () => load(import('../console-url.ts')),
    group: 'everyday',
    summary: 'the second half of `console`',
    examples: [],
    inside: true,
    hidden: true,
  },
  exec: {
    load: () => load(import('../exec.ts')),
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
}
