/** The steps that only a self-service lab has: what a project network adds to a launch, and how a floating IP begins to work. */

import { numberSteps, type TextStep } from './text-step.ts'

/** After the textbook's steps, which a launch on a project network has as well. */
export const projectSteps: readonly TextStep[] = numberSteps('project', [
  { text: 'neutron-server tells the agents of the other nodes where the port is (l2population)', kind: 'RPC cast' },
  { text: 'a Linuxbridge agent on another node takes the message from the queue', kind: 'queue' },
  {
    text: "the agent tells its VXLAN interface which node has the port's MAC address",
    kind: 'kernel',
    zed: {
      does: 'frames for the MAC address go to that node alone, and broadcasts only to nodes with ports of the network; without l2population VXLAN would ask all nodes by multicast',
      why: 'the management network needs no multicast, and no node gets what it has no use for',
      since: 'Havana (l2population)',
    },
  },
  {
    text: "the instance asks 169.254.169.254 for its metadata, and a proxy in the router's namespace takes the request",
    kind: 'log',
    zed: {
      does: "the router's namespace has the default gateway of the instance; a NAT rule in it leads port 80 of 169.254.169.254 to haproxy, which adds the router's id. On a provider network the namespace of DHCP does the same",
      why: 'the metadata service cannot know an instance by its address: two projects may use the same range',
      since: 'Grizzly; haproxy in place of its own proxy since Ocata',
    },
  },
  {
    text: 'neutron-metadata-agent finds the instance by router and address, and gets its metadata from Nova with a signed request',
    kind: 'log',
  },
])

/** From the request of the client until the floating IP is ACTIVE. */
export const floatingSteps: readonly TextStep[] = numberSteps('floating', [
  { text: 'the client signs in to Keystone and gets a token', kind: 'REST' },
  { text: 'the client asks neutron-api to give the floating IP to a port', kind: 'REST' },
  { text: 'neutron-api asks Keystone to validate the token', kind: 'REST' },
  {
    text: "neutron-api finds the router between the port's subnet and the floating IP's network, and stores both",
    kind: 'SQL',
  },
  { text: 'neutron-api tells the L3 agent that has the router that something has changed', kind: 'RPC cast' },
  { text: 'the L3 agent takes the message from the queue', kind: 'queue' },
  { text: 'the L3 agent asks neutron-server for the whole router as it should be', kind: 'RPC call' },
  { text: 'neutron-server takes the question from the queue', kind: 'queue' },
  { text: 'neutron-server answers with its ports, subnets, routes and floating IPs', kind: 'RPC reply' },
  { text: 'the L3 agent adds the rule for packets from outside: DNAT to the address of the port', kind: 'kernel' },
  { text: 'the L3 agent adds the rule for packets from the port: SNAT to the floating IP', kind: 'kernel' },
  { text: "the L3 agent adds the address to the outer interface of the router's namespace", kind: 'kernel' },
  { text: 'the L3 agent reports the floating IP as ACTIVE', kind: 'RPC call' },
  { text: 'neutron-server takes the report from the queue', kind: 'queue' },
  { text: 'neutron-server stores the status in the database', kind: 'SQL' },
])
