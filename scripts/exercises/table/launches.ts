/** Exercises in which a server cannot be launched. */

import { nodeBreaks } from '../breaks.ts'
import { quotaUsedUp } from '../cloud-changes.ts'
import type { Exercise } from '../exercise.ts'
import { editedFile, sql } from '../node-changes.ts'
import { observeLaunch } from '../probes.ts'
import { onComputes, onController } from '../solutions.ts'

const launch: Pick<Exercise, 'kind' | 'check'> = { kind: 'repair', check: (watch) => observeLaunch(watch) }

/** Otherwise Nova and Neutron notice only after a minute that a service is gone. */
const forgetReports = {
  nova: {
    on: 'controller',
    break: sql("UPDATE nova.services SET last_seen_up = '2020-01-01' WHERE `binary` = 'nova-compute'"),
    restore: ':',
  },
  neutron: {
    on: 'controller',
    break: sql(
      "UPDATE neutron.agents SET heartbeat_timestamp = '2020-01-01' WHERE host IN (SELECT host FROM nova.services WHERE `binary` = 'nova-compute')",
    ),
    restore: ':',
  },
} as const

/** nova-compute waits for the queue as long as it takes, so nobody waits for its start. */
const wrongQueue = editedFile('compute', '/etc/nova/nova.conf', 's/^\\(transport_url = .*\\):5672/\\1:5673/')
const restartCompute = 'systemctl stop nova-compute\nsystemctl start --no-block nova-compute'

export const launches = {
  'stuck-in-build': {
    ...launch,
    level: 1,
    texts: {
      title: 'A server that is never built',
      task: '"I created a server, and the request was accepted at once. The server stays in BUILD for a minute, and then it goes to ERROR. Everybody who creates one has the same."',
      hints: [
        'The API answered, so the request went further. Which services does a launch pass after nova-api? ./lab openstack compute service list names them; so does lesson 4.',
        'The database says when a service last reported, and that can be old news. Ask the controller itself which units run: ./lab status, or systemctl on the node.',
        'nova-conductor waits for a service that chooses the host. Look at that unit on the controller.',
      ],
      answer:
        'nova-scheduler was stopped. nova-api hands a launch to nova-conductor and does not wait. nova-conductor asks nova-scheduler for a host over the message queue. Nobody takes the question, so the server stays in BUILD until the call times out: MessagingTimeout.',
    },
    changes: [nodeBreaks['unit-down']],
    solution: (lab) => onController(lab, 'systemctl start nova-scheduler'),
  },
  'no-host-1': {
    ...launch,
    level: 2,
    texts: {
      title: 'No valid host, part 1',
      task: '"No new server starts: \'No valid host was found\'. The compute nodes run, I can log in to them, and nova-compute is active there."',
      hints: [
        'The scheduler knows a compute node by what it reports. What does Nova itself think of it? ./lab openstack compute service list.',
        'A service that is active for systemd and down for Nova cannot report. Its log on the compute node says what it cannot reach: ./lab logs nova --level ERROR.',
        'Compare the address of the message queue (transport_url) in /etc/nova/nova.conf on the compute node with the one on the controller.',
      ],
      answer:
        'In nova.conf of the compute node, transport_url had the wrong port. nova-compute reports over the message queue. Without it, systemd still calls the unit active, but Nova calls the service down, and the scheduler passes over it.',
    },
    changes: [
      {
        ...wrongQueue,
        break: `${wrongQueue.break}\n${restartCompute}`,
        restore: `${wrongQueue.restore}\n${restartCompute}`,
      },
      forgetReports.nova,
    ],
    solution: (lab) =>
      onComputes(lab, `'sed -i "/^transport_url/s/:5673/:5672/" /etc/nova/nova.conf; systemctl restart nova-compute'`),
  },
  'no-host-2': {
    ...launch,
    level: 2,
    texts: {
      title: 'No valid host, part 2',
      task: '"No new server starts: \'No valid host was found\'. ./lab openstack compute service list shows every service up, and the servers that exist keep running."',
      hints: [
        'The service is up, and Placement has free room (./lab openstack hypervisor list). What else must Nova know about a host before it uses it?',
        'nova-scheduler says in its log why it left a host out: ./lab logs nova --since 15m on a launch.',
        'A host belongs to a cell. Compare ./lab ssh controller nova-manage cell_v2 list_hosts with the compute nodes that exist.',
      ],
      answer:
        "The compute nodes were no longer mapped to a cell: the rows were missing in the table host_mappings of the database nova_api. Nova's API level finds a host only through this mapping. `nova-manage cell_v2 discover_hosts` writes it, as after adding a node.",
    },
    changes: [nodeBreaks['host-unmapped']],
    solution: (lab) => onController(lab, 'nova-manage cell_v2 discover_hosts --verbose'),
  },
  'no-more-servers': {
    ...launch,
    level: 1,
    texts: {
      title: 'One server too many',
      task: '"As admin I cannot create a server any more. The request is refused at once, with 403. Another project can still create servers."',
      hints: [
        'Read the whole message of the refusal: it says what there is too much of, and how much is allowed.',
        'What a project may use is its quota: ./lab openstack quota show.',
        'Compare the quota for instances with the number of servers in the project, and raise it, or delete what nobody needs.',
      ],
      answer:
        'The quota for instances of the project admin was as high as the number of its servers. nova-api counts before it writes anything, so the refusal comes at once. A higher quota helps, and so does a server less.',
    },
    changes: [quotaUsedUp],
    solution: () => ['./lab openstack quota set --instances 10 admin'],
  },
  'no-disk': {
    ...launch,
    level: 2,
    texts: {
      title: 'A host was found, and then an error',
      task: '"New servers go to ERROR after a few seconds. A host is found, but the server does not start there. Old servers run."',
      hints: [
        'The fault of the server says a little: ./lab openstack server show NAME -c fault. The compute node says more.',
        './lab logs nova --level ERROR shows where nova-compute fails while it builds the disk.',
        'nova-compute runs as the user nova. May this user write below /var/lib/nova/instances on the compute node?',
      ],
      answer:
        'The folder /var/lib/nova/instances on the compute node belonged to root. nova-compute runs as nova and could not create the disk of a new server. Running servers have their files open already and notice nothing.',
    },
    changes: [nodeBreaks['instance-files']],
    solution: (lab) => onComputes(lab, 'chown nova:nova /var/lib/nova/instances'),
  },
  'no-port': {
    ...launch,
    level: 3,
    texts: {
      title: 'A server without a wire',
      task: '"New servers go to ERROR. Nova finds a host, and then something about a port binding fails. Servers that run are reachable."',
      hints: [
        'A port is bound to a host when something on that host can plug it in. Who does that, and is it alive? ./lab openstack network agent list.',
        'The agent on the compute node says why it ends: ./lab logs neutron --level ERROR, or journalctl -u neutron-linuxbridge-agent on the node.',
        'Compare physical_interface_mappings in /etc/neutron/plugins/ml2/linuxbridge_agent.ini with the interfaces that the node has.',
      ],
      answer:
        'The Linuxbridge agent of the compute node was told to use eth9 for the physical network `provider`. The node has no such interface, so the agent ends at once. Neutron binds no port on a host without a living agent. What was plugged in before stays plugged in.',
    },
    changes: [nodeBreaks['nic-mapping'], forgetReports.neutron],
    solution: (lab) =>
      onComputes(
        lab,
        `'sed -i s/provider:eth9/provider:eth1/ /etc/neutron/plugins/ml2/linuxbridge_agent.ini; systemctl restart neutron-linuxbridge-agent'`,
      ),
  },
  'nothing-moves': {
    ...launch,
    level: 3,
    texts: {
      title: 'Nothing moves',
      task: '"Listing things works. But nothing that I create, delete or attach ever finishes, and some commands hang until they time out. Every unit is active."',
      hints: [
        'What do all these operations have in common that listing does not have? Lesson 4 shows how the services talk to each other.',
        'The message queue accepts connections. Does it accept messages? Ask it: ./lab ssh controller rabbitmqctl status, and look for alarms.',
        'RabbitMQ stops accepting messages if less disk is free than its limit. Compare the two, and correct the limit: rabbitmqctl set_disk_free_limit.',
      ],
      answer:
        'RabbitMQ had been told to require more free disk than there is. It then blocks everyone who publishes messages, while connections stay open. REST requests that only read the database still work.',
    },
    changes: [nodeBreaks['broker-blocked']],
    solution: (lab) => onController(lab, 'rabbitmqctl set_disk_free_limit 50MB'),
  },
} as const satisfies Record<string, Exercise>
