/** For each exercise, what somebody may try who has not found the cause: it must not be taken for a repair. */

/** A node and a script for it, or `client` and words for OpenStack's client. */
type Action = readonly [where: string, what: string]

interface WrongRepair {
  make: readonly Action[]
  /** Where it would be in the way of the solution. */
  undo?: readonly Action[]
}

const restart = (unit: string, node = 'controller'): WrongRepair => ({
  // A unit that is broken may not start: that is what is seen.
  make: [[node, `timeout 60 systemctl restart ${unit} || true`]],
})
const client = (what: string): Action => ['client', what]
const small = '--image duostack-test --flavor m1.nano --network provider'

export const wrongRepairs: Readonly<Record<string, WrongRepair>> = {
  'stuck-in-build': restart('nova-conductor'),
  // It waits for the queue as long as it takes.
  'no-host-1': restart('--no-block nova-compute', 'compute1'),
  'no-host-2': restart('nova-scheduler'),
  'no-more-servers': {
    make: [client('quota set --cores 50 admin')],
    undo: [client('quota set --cores 20 admin')],
  },
  'no-disk': { make: [['compute1', 'chgrp nova /var/lib/nova/instances']] },
  'no-port': restart('neutron-linuxbridge-agent', 'compute1'),
  'nothing-moves': { make: [['controller', 'rabbitmqctl -q set_disk_free_limit 8000GB </dev/null']] },
  'no-address': restart('neutron-metadata-agent'),
  'silent-server': { make: [client('server reboot --wait test')] },
  'large-packets': { make: [['compute1', 'ip link set eth1 mtu 1450']] },
  'cut-off-node': { make: [['compute1', 'ip link set eth1 down; ip link set eth1 up']] },
  'who-am-i': restart('neutron-metadata-agent'),
  'no-sign-in': restart('keystone'),
  'no-images-1': restart('glance-api'),
  'no-images-2': restart('glance-api'),
  'no-volumes': restart('cinder-scheduler'),
  'no-console': restart('nova-novncproxy'),
  'no-dashboard': restart('apache2'),
  'first-project': { make: [client('project create workshop')], undo: [client('project delete workshop')] },
  'volume-restored': {
    make: [client('volume create --size 1 notes-restored')],
    undo: [client('volume delete notes-restored')],
  },
  'own-image': {
    make: [client(`server create --wait ${small} twin`)],
    undo: [client('server delete --wait twin')],
  },
  'fixed-address': {
    make: [client(`server create --wait ${small} --security-group ping-and-ssh door`)],
    undo: [client('server delete --wait door')],
  },
}
