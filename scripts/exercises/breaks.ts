/** Faults inside nodes that the doctor's tests make as well, by the name of the rule that finds them. */

import type { NodeChange } from './exercise.ts'
import { editedFile, sql, stoppedUnit } from './node-changes.ts'

export const nodeBreaks = {
  'unit-down': stoppedUnit('controller', 'nova-scheduler'),
  'host-unmapped': {
    on: 'controller',
    break: sql('DELETE FROM nova_api.host_mappings; UPDATE nova.compute_nodes SET mapped = 0 WHERE deleted = 0'),
    restore: "su -s /bin/sh -c 'nova-manage cell_v2 discover_hosts' nova",
  },
  'api-silent': {
    on: 'controller',
    break: 'iptables -w -I INPUT -i eth0 -p tcp --dport 9292 -j REJECT',
    restore: 'while iptables -w -D INPUT -i eth0 -p tcp --dport 9292 -j REJECT 2>/dev/null; do :; done',
  },
  'mtu-differs': {
    on: 'compute',
    break: 'cat /sys/class/net/eth1/mtu >$kept/mtu\nip link set eth1 mtu 1400',
    restore: '[ ! -s $kept/mtu ] || ip link set eth1 mtu "$(cat $kept/mtu)"',
  },
  'uplink-unbridged': {
    on: 'compute',
    break: 'basename "$(readlink /sys/class/net/eth1/master)" >$kept/bridge\nip link set eth1 nomaster',
    restore: '[ ! -s $kept/bridge ] || ip link set eth1 master "$(cat $kept/bridge)"',
  },
  'metadata-refused': editedFile(
    'controller',
    '/etc/neutron/metadata_agent.ini',
    's/^metadata_proxy_shared_secret = .*/metadata_proxy_shared_secret = not-the-secret/',
    'neutron-metadata-agent',
  ),
  'console-proxy': editedFile('controller', '/etc/default/nova-consoleproxy', 's/novnc/spicehtml5/', 'nova-novncproxy'),
  'nic-mapping': editedFile(
    'compute',
    '/etc/neutron/plugins/ml2/linuxbridge_agent.ini',
    's/provider:eth1/provider:eth9/',
    'neutron-linuxbridge-agent',
  ),
  'instance-files': {
    on: 'compute',
    break: 'chown root:root /var/lib/nova/instances',
    restore: 'chown nova:nova /var/lib/nova/instances',
  },
  'keystone-keys': {
    on: 'controller',
    break: `cp -a /etc/keystone/fernet-keys $kept/part
mv $kept/part $kept/keys
mv /etc/keystone/fernet-keys /etc/keystone/fernet-keys.away`,
    // Whoever made new ones instead gets the old ones back.
    restore: `if [ -d $kept/keys ] && ! diff -rq $kept/keys /etc/keystone/fernet-keys >/dev/null 2>&1; then
rm -rf /etc/keystone/fernet-keys
cp -a $kept/keys /etc/keystone/fernet-keys
fi
rm -rf /etc/keystone/fernet-keys.away`,
  },
  'broker-blocked': {
    on: 'controller',
    break: 'rabbitmqctl -q set_disk_free_limit 9000GB </dev/null; sleep 1',
    restore: 'rabbitmqctl -q set_disk_free_limit 50MB </dev/null; sleep 1',
  },
} as const satisfies Record<string, NodeChange>
