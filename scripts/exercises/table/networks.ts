/** Exercises in which a server runs and cannot be reached, or cannot reach what it needs. */

import { nodeBreaks } from '../breaks.ts'
import { observeInside, observeLargePackets, observeTest } from '../checks.ts'
import { defaultGroupAlone } from '../cloud-changes.ts'
import type { Exercise } from '../exercise.ts'
import { stoppedUnit } from '../node-changes.ts'
import { observeLaunch } from '../probes.ts'
import { onComputes, onController } from '../solutions.ts'

export const networks = {
  'no-address': {
    kind: 'repair',
    level: 1,
    texts: {
      title: 'A server without an address',
      task: '"My new server is ACTIVE, and the list shows an address for it. But nothing answers there. On its console it says that it got no lease. Older servers are fine."',
      hints: [
        'The address in the list is what Neutron planned. The server learns it by DHCP when it boots. Who answers DHCP here? Lesson 2 says it.',
        'dnsmasq still runs and serves the servers that it knows. Who tells it about a new port? ./lab openstack network agent list, and ./lab status.',
        'Look at the unit neutron-dhcp-agent on the controller. A server that gave up asks again after a reboot.',
      ],
      answer:
        'neutron-dhcp-agent was stopped. dnsmasq, which it had started, goes on with the servers that it knows. A new port is announced to the agent with a cast over the message queue. Nobody waits for it, so the server becomes ACTIVE without ever getting an address.',
    },
    changes: [stoppedUnit('controller', 'neutron-dhcp-agent')],
    check: (watch) => observeLaunch(watch, { answer: true }),
    solution: (lab) => onController(lab, 'systemctl start neutron-dhcp-agent'),
  },
  'silent-server': {
    kind: 'repair',
    level: 1,
    texts: {
      title: 'A server that does not answer',
      task: '"The server SERVER answered ping and ssh yesterday. Today it does not. Nova says that it is ACTIVE, and its console shows a login prompt."',
      hints: [
        'The server itself runs. So what is between it and you? ./lab topology --path SERVER looks at every hop.',
        'All wires are there. What decides which packets may pass to a port? ./lab openstack port list --server SERVER --long.',
        "Compare the security groups of the server's port with the rules that they have: ./lab openstack security group list --project admin, then ./lab openstack security group rule list ID. The group ping-and-ssh has what is missing.",
      ],
      answer:
        'The port of the server had only the security group `default`, whose rules let in only traffic from other members of the group. The agent on the compute node turns this into iptables rules at the tap. Another group on the port helps, and so does a rule in the group.',
    },
    changes: [defaultGroupAlone],
    delayed: true,
    check: observeTest,
    solution: (lab) => [`./lab openstack server add security group ${lab.cloud.server.name} ping-and-ssh`],
  },
  'large-packets': {
    kind: 'repair',
    level: 2,
    texts: {
      title: 'Small packets only',
      task: '"Ping to SERVER works. ssh connects and then hangs, and copying a file stops at once. It looks as if everything small arrives and everything large is lost."',
      hints: [
        'How large may a packet be on the way? Try it: ./lab exec -- ping -M do -s 1472 ADDRESS, with the address of the server, and smaller sizes.',
        'Every interface on the way has an MTU, and the smallest one decides. ./lab topology shows the way; ip link shows the MTU on a node.',
        'Look at the MTU of eth1 on the compute node, and of the bridge that it is in.',
      ],
      answer:
        'eth1 of the compute node had an MTU of 1400, everything else on this network has 1500. A bridge cannot tell the sender that a frame is too large: it drops the frame without a word. TCP starts with small packets, so the connection opens and then hangs.',
    },
    // Virtual machines still answer large pings and send large files then.
    onlyOn: 'containers',
    changes: [nodeBreaks['mtu-differs']],
    check: observeLargePackets,
    solution: (lab) => onComputes(lab, 'ip link set eth1 mtu 1500'),
  },
  'cut-off-node': {
    kind: 'repair',
    level: 2,
    texts: {
      title: 'A node that is cut off',
      task: '"No server on the compute node answers any more, whatever its security groups. The node itself answers on the management network, and all agents are alive."',
      hints: [
        'Follow the way of a packet: ./lab topology --path SERVER names the first hop that is bad.',
        'On the node, a bridge connects the taps of the servers with the interface to the provider network. Which interfaces are in it? ./lab ssh NODE bridge link.',
        'eth1 must be in the bridge whose name begins with brq. The Linuxbridge agent puts it there when it starts.',
      ],
      answer:
        'eth1 of the compute node was no longer in the bridge of the network. The agent sets this up when it starts or plugs in a port, and does not look at it again. Putting the interface back by hand helps, and so does a restart of the agent.',
    },
    changes: [nodeBreaks['uplink-unbridged']],
    check: observeTest,
    solution: (lab) =>
      onComputes(lab, "'ip link set eth1 master $(basename $(ls -d /sys/class/net/brq* | head -n 1))'"),
  },
  'who-am-i': {
    kind: 'repair',
    level: 2,
    texts: {
      title: 'Servers that do not know who they are',
      task: '"New servers come up without their name and without my ssh key. Inside SERVER, curl http://169.254.169.254/openstack gives an error instead of an answer."',
      hints: [
        'A server asks 169.254.169.254 for its metadata. Through which processes does the question go? The DHCP namespace on the controller is the first station.',
        'The question reaches Neutron and is refused behind it. Read what neutron-metadata-agent and nova-api-metadata say: ./lab logs neutron nova --since 15m.',
        'The two share a secret, with which the agent signs. Compare metadata_proxy_shared_secret in /etc/neutron/metadata_agent.ini and in /etc/nova/nova.conf.',
      ],
      answer:
        'metadata_proxy_shared_secret of the metadata agent was not that of Nova. The agent adds to each question which server it comes from and signs this with the secret. Nova believes only what is signed with its own, and refuses the rest.',
    },
    changes: [nodeBreaks['metadata-refused']],
    check: observeInside,
    solution: (lab) =>
      onController(
        lab,
        `'cd /etc; umask 077; grep "^metadata_proxy_shared_secret" nova/nova.conf >/run/line; sed -i -e "/^metadata_proxy_shared_secret/r /run/line" -e "/^metadata_proxy_shared_secret/d" neutron/metadata_agent.ini; rm /run/line; systemctl restart neutron-metadata-agent'`,
      ),
  },
} as const satisfies Record<string, Exercise>
