/**
 * The steps of a launch in the text, and next to each what Zed does differently, why, and since which release. The only
 * such table.
 */

import { type Line, numberSteps, type TextStep } from './text-step.ts'

const nova: Line[] = [
  { text: 'the client signs in to Keystone and gets a token', kind: 'REST' },
  { text: 'the client sends the request for an instance to nova-api', kind: 'REST' },
  {
    text: 'nova-api asks Keystone to validate the token',
    kind: 'REST',
    zed: {
      does: 'keystonemiddleware caches the answer in memcached for five minutes, under a hash of the token, and asks Keystone only about tokens that are not cached',
      why: 'one launch carries the same token to six services',
      since: 'Folsom (memcached); Fernet tokens, which only Keystone can read, are the default since Ocata',
    },
  },
  {
    text: 'nova-api creates the database entry for the instance',
    kind: 'SQL',
    zed: {
      does: 'nova-api writes request_specs, build_requests and instance_mappings in the database nova_api; nova-conductor creates the row in `instances`, in the database of the cell, once a host is known',
      why: 'with cells, it is not known before scheduling which database the instance will be in',
      since: 'Ocata (cells v2)',
    },
  },
  {
    text: 'nova-api asks nova-scheduler for a host',
    kind: 'RPC call',
    zed: {
      does: 'nova-api casts schedule_and_build_instances to nova-conductor and answers the client; nova-conductor then calls select_destinations of nova-scheduler',
      why: 'the client does not have to wait for the scheduler, and the conductor can retry with another host',
      since: 'Icehouse (the conductor calls the scheduler); Ocata (schedule_and_build_instances)',
    },
  },
  { text: 'nova-scheduler takes the request from the queue', kind: 'queue' },
  {
    text: 'nova-scheduler finds a suitable host in the database and returns it',
    kind: 'RPC reply',
    zed: {
      does: 'nova-scheduler asks Placement for allocation candidates, reads the remaining hosts from the database, filters and weighs them, and claims the resources in Placement before it answers',
      why: 'Placement tracks free resources in one place, so that two schedulers cannot allocate the same memory',
      since: 'Ocata (resource providers), Pike (allocation candidates and claims); a separate service since Stein',
    },
  },
  {
    text: 'the request goes to nova-compute on that host',
    kind: 'RPC cast',
    zed: {
      does: 'nova-conductor sends it, not nova-scheduler',
      why: 'the scheduler only chooses a host; the conductor starts the build and handles its failure',
      since: 'Icehouse',
    },
  },
  {
    text: 'nova-compute takes the request from the queue and asks nova-conductor for the data of the instance',
    kind: 'RPC call',
    zed: {
      does: 'the message itself contains the data of the instance, as a versioned object; nova-compute calls nova-conductor whenever it reads or writes the database, first to record that the build has started',
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
    text: 'neutron-server asks Keystone to validate the token',
    kind: 'REST',
    zed: {
      does: 'the token was validated for nova-api a few seconds earlier, so the answer is in memcached, which all services share',
      why: 'see step 3 of Nova',
      since: 'Folsom',
    },
  },
  {
    text: 'neutron-server sends messages to the queue, for an address and for layer 2',
    kind: 'RPC cast',
    zed: {
      does: 'two messages at different times: neutron-server itself chooses and stores the address, and casts port_create_end to the DHCP agent; port_update goes to all Linuxbridge agents, as a fanout cast, once nova-compute has bound the port to its host with a second request',
      why: 'an address must be unique, so it is allocated in one place; which agent has to plug the port is known only when it is bound',
      since: 'Folsom; ML2 with port binding since Havana',
    },
  },
  { text: 'the DHCP agent takes the message from the queue', kind: 'queue' },
  { text: 'the DHCP agent configures dnsmasq', kind: 'dnsmasq' },
  {
    text: 'the DHCP agent answers through the queue',
    kind: 'RPC reply',
    zed: {
      does: 'no answer to the cast, but a separate call: dhcp_ready_on_ports; the instance does not wait for it, because a port that Nova creates has no owner at first, and Neutron sets no provisioning block for DHCP on such a port',
      why: 'one call for all ports that became ready together; it tells Neutron that a port with an owner may become ACTIVE',
      since: 'Newton (provisioning blocks)',
    },
  },
  { text: 'neutron-server reads the answer', kind: 'queue' },
  { text: 'the Linuxbridge agent takes the message from the queue', kind: 'queue' },
  {
    text: 'the Linuxbridge agent and libvirt connect the tap to the bridge',
    kind: 'libvirt',
    zed: {
      does: 'libvirt creates the tap and adds it to the bridge when it starts the domain; the agent notices the new tap, asks for its details and its security groups with two calls, and creates the filters',
      why: 'the agent looks for new taps every two seconds; nothing notifies it when one appears',
      since: 'Grizzly',
    },
  },
  {
    text: 'the Linuxbridge agent answers through the queue',
    kind: 'RPC reply',
    zed: {
      does: 'no answer to the cast, but a separate call: update_device_up',
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
      does: 'nova-compute got its answer when the port was created; now Neutron tells nova-api over REST that the port is plugged (network-vif-plugged), nova-api casts this to nova-compute, and nova-compute starts the instance',
      why: 'an instance that runs before its port is plugged would get no address',
      since: 'Icehouse',
    },
  },
]

const image: Line[] = [
  {
    text: 'nova-compute asks glance-api for the image',
    kind: 'REST',
    zed: {
      does: 'one service, glance-api, without glance-registry behind it; nova-api has already asked for the properties of the image',
      why: 'version 2 of the API reads the database itself',
      since: 'Queens (glance-registry deprecated; removed later)',
    },
  },
  {
    text: 'glance-api asks Keystone to validate the token',
    kind: 'REST',
    zed: {
      does: 'found in memcached, as with Neutron',
      why: 'see step 3 of Nova',
      since: 'Folsom',
    },
  },
  {
    text: 'nova-compute gets the URI of the image and downloads it',
    kind: 'REST',
    zed: {
      does: 'the image data itself comes through glance-api; nova-compute caches it in /var/lib/nova/instances/_base and does not download a cached image again',
      why: 'with the file store there is no other place that a compute node could read from',
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
      does: 'nova-api has reserved an attachment with POST; nova-compute completes it with PUT and a connector, which describes this host',
      why: 'an attachment is a separate object, so that a failed one can be told from a live one',
      since: 'Queens (attachments in place of os-initialize_connection)',
    },
  },
  {
    text: 'cinder-api asks Keystone to validate the token',
    kind: 'REST',
    zed: { does: 'found in memcached, as with Neutron', why: 'see step 3 of Nova', since: 'Folsom' },
  },
  { text: 'cinder-api returns the connection data to nova-compute', kind: 'REST' },
]

/** In the order of the text. */
export const textSteps: readonly TextStep[] = [
  ...numberSteps('nova', nova),
  ...numberSteps('network', network),
  ...numberSteps('image', image),
  ...numberSteps('volume', volume),
]
