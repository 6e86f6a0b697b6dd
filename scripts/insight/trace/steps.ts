/**
 * The steps of a launch in the text, and next to each what Zed does differently, why, and since which release. The only
 * such table.
 */

import type { FlowName, TextStep } from './text-step.ts'

type Line = Omit<TextStep, 'id' | 'flow' | 'number'>

const nova: Line[] = [
  { text: 'the client signs in at Keystone and is given a token', kind: 'REST' },
  { text: 'the client sends the request for an instance to nova-api', kind: 'REST' },
  {
    text: 'nova-api has the token validated by Keystone',
    kind: 'REST',
    zed: {
      does: 'keystonemiddleware keeps the answer in memcached for five minutes, under a hash of the token, and asks Keystone only for a token that it does not find there',
      why: 'one launch carries the same token to six services',
      since: 'Folsom (memcached); Fernet tokens, which only Keystone can read, are the default since Ocata',
    },
  },
  {
    text: 'nova-api makes the entry of the instance in the database',
    kind: 'SQL',
    zed: {
      does: 'nova-api writes request_specs, build_requests and instance_mappings in the database nova_api; the row in `instances` is made by nova-conductor, in the database of the cell, once a host is known',
      why: 'with cells, nobody knows before scheduling in which database the instance will live',
      since: 'Ocata (cells v2)',
    },
  },
  {
    text: 'nova-api asks nova-scheduler for a host',
    kind: 'RPC call',
    zed: {
      does: 'nova-api casts schedule_and_build_instances to nova-conductor and answers the client; it is nova-conductor that calls select_destinations of nova-scheduler',
      why: 'the client need not wait for the scheduler, and the conductor can try again with another host',
      since: 'Icehouse (the conductor calls the scheduler); Ocata (schedule_and_build_instances)',
    },
  },
  { text: 'nova-scheduler takes the request from the queue', kind: 'queue' },
  {
    text: 'nova-scheduler finds a suitable host from the database and returns it',
    kind: 'RPC reply',
    zed: {
      does: 'nova-scheduler asks Placement for allocation candidates, reads the remaining hosts from the database, filters and weighs them, and claims the resources in Placement before it answers',
      why: 'Placement counts what is free in one place, so that two schedulers cannot give away the same memory',
      since: 'Ocata (resource providers), Pike (allocation candidates and claims); a service of its own since Stein',
    },
  },
  {
    text: 'the request goes to nova-compute on that host',
    kind: 'RPC cast',
    zed: {
      does: 'nova-conductor sends it, not nova-scheduler',
      why: 'the scheduler only chooses; whoever builds must also handle the failure',
      since: 'Icehouse',
    },
  },
  {
    text: 'nova-compute takes the request from the queue and asks nova-conductor for the data of the instance',
    kind: 'RPC call',
    zed: {
      does: 'the data of the instance come with the message itself, as a versioned object; nova-compute calls nova-conductor whenever it reads or writes the database, first to note that the build began',
      why: 'a compute node has no access to the database',
      since: 'Grizzly (nova-conductor), Icehouse (versioned objects)',
    },
  },
  { text: 'nova-conductor takes the request from the queue', kind: 'queue' },
  { text: 'nova-conductor reads the database', kind: 'SQL' },
  { text: 'nova-conductor answers through the queue', kind: 'RPC reply' },
  { text: 'nova-compute takes the answer from the queue', kind: 'queue' },
]

const network: Line[] = [
  { text: 'nova-compute asks neutron-server for a network, with a token', kind: 'REST' },
  {
    text: 'neutron-server has the token validated by Keystone',
    kind: 'REST',
    zed: {
      does: 'the token was validated for nova-api seconds ago: the answer is found in memcached, which all services share',
      why: 'see step 3 of Nova',
      since: 'Folsom',
    },
  },
  {
    text: 'neutron-server sends to the queue, for an address and for layer 2',
    kind: 'RPC cast',
    zed: {
      does: 'two messages at two moments: the address is chosen and stored by neutron-server itself, and port_create_end goes to the DHCP agent, a cast; port_update goes to all Linuxbridge agents, a fanout cast, once nova-compute has bound the port to its host with a second request',
      why: 'an address must be unique, so it is given out in one place; which agent has to wire the port is known only when it is bound',
      since: 'Folsom; ML2 with port binding since Havana',
    },
  },
  { text: 'the DHCP agent takes it from the queue', kind: 'queue' },
  { text: 'the DHCP agent configures dnsmasq', kind: 'dnsmasq' },
  {
    text: 'the DHCP agent answers through the queue',
    kind: 'RPC reply',
    zed: {
      does: 'no answer to the cast, but a call of its own: dhcp_ready_on_ports; the instance does not wait for it, for a port that Nova makes has no owner at first, and on such a port Neutron sets no provisioning block for DHCP',
      why: 'one call for all ports that became ready together; of a port with an owner, Neutron knows that it may be ACTIVE',
      since: 'Newton (provisioning blocks)',
    },
  },
  { text: 'neutron-server reads the answer', kind: 'queue' },
  { text: 'the Linuxbridge agent takes it from the queue', kind: 'queue' },
  {
    text: 'the Linuxbridge agent and libvirt wire the tap to the bridge',
    kind: 'libvirt',
    zed: {
      does: 'libvirt makes the tap and puts it into the bridge when it starts the domain; the agent sees the new tap, asks for its details and its security groups with two calls, and makes the filters',
      why: 'the agent looks for taps every two seconds; nobody tells it when one appears',
      since: 'Grizzly',
    },
  },
  {
    text: 'the Linuxbridge agent answers through the queue',
    kind: 'RPC reply',
    zed: {
      does: 'no answer to the cast, but a call of its own: update_device_up',
      why: 'the cast went to every agent; only the one that has the tap reports',
      since: 'Folsom',
    },
  },
  { text: 'neutron-server reads the answer', kind: 'queue' },
  { text: "neutron-server stores the port's state in the database", kind: 'SQL' },
  {
    text: 'neutron-server gives the network to nova-compute',
    kind: 'RPC cast',
    zed: {
      does: 'nova-compute has had its answer since the port was made; now Neutron tells nova-api over REST that the port is wired (network-vif-plugged), nova-api casts it to nova-compute, and that starts the instance',
      why: 'an instance that runs before its port is wired asks for an address in vain',
      since: 'Icehouse',
    },
  },
]

const image: Line[] = [
  {
    text: 'nova-compute asks glance-api for the image',
    kind: 'REST',
    zed: {
      does: 'one service, glance-api, without glance-registry behind it; nova-api has asked for the properties of the image before',
      why: 'the second version of the API reads the database itself',
      since: 'Queens (glance-registry deprecated; removed later)',
    },
  },
  {
    text: 'glance-api has the token validated by Keystone',
    kind: 'REST',
    zed: {
      does: 'found in memcached, as with Neutron',
      why: 'see step 3 of Nova',
      since: 'Folsom',
    },
  },
  {
    text: 'nova-compute is given the URI of the image and loads it',
    kind: 'REST',
    zed: {
      does: 'the bytes themselves come through glance-api; nova-compute keeps them under /var/lib/nova/instances/_base and asks no more for an image that it has there',
      why: 'with the file store there is no other place that a compute node could read',
      since:
        'from the beginning, with the file store; other stores can give a direct URL where show_image_direct_url is on',
    },
  },
]

const volume: Line[] = [
  {
    text: 'nova-compute asks Cinder for the volume',
    kind: 'REST',
    zed: {
      does: 'nova-api has reserved an attachment with POST; nova-compute completes it with PUT, and the connector says what this host can do',
      why: 'an attachment is an object of its own, so that a failed one can be told from a live one',
      since: 'Queens (attachments in place of os-initialize_connection)',
    },
  },
  {
    text: 'cinder-api has the token validated by Keystone',
    kind: 'REST',
    zed: { does: 'found in memcached, as with Neutron', why: 'see step 3 of Nova', since: 'Folsom' },
  },
  { text: 'the connection data come back to nova-compute', kind: 'REST' },
]

const number = (flow: FlowName, lines: readonly Line[]): TextStep[] =>
  lines.map((line, index) => ({ id: `${flow}-${index + 1}`, flow, number: index + 1, ...line }))

/** In the order of the text. */
export const textSteps: readonly TextStep[] = [
  ...number('nova', nova),
  ...number('network', network),
  ...number('image', image),
  ...number('volume', volume),
]
