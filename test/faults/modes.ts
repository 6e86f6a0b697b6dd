/**
 * The services' hardening guides as a table: keys readable only by the service, configuration readable by its group.
 */

export const modes: readonly (readonly [node: string, path: string, mode: string, owner: string])[] = [
  ['controller', '/etc/keystone/fernet-keys', '700', 'keystone:keystone'],
  ['controller', '/etc/keystone/credential-keys', '700', 'keystone:keystone'],
  ['controller', '/etc/keystone/fernet-keys/*', '600', 'keystone:keystone'],
  ['controller', '/etc/keystone/credential-keys/*', '600', 'keystone:keystone'],
  ['controller', '/etc/keystone/keystone.conf', '640', 'root:keystone'],
  ['controller', '/etc/glance/glance-api.conf', '640', 'root:glance'],
  ['controller', '/etc/placement/placement.conf', '640', 'root:placement'],
  ['controller', '/etc/nova/nova.conf', '640', 'root:nova'],
  ['controller', '/etc/neutron/neutron.conf', '640', 'root:neutron'],
  ['controller', '/etc/cinder/cinder.conf', '640', 'root:cinder'],
  ['controller', '/etc/openstack-dashboard/local_settings.d/_0100_duostack.py', '640', 'root:www-data'],
  ['controller', '/etc/rabbitmq/rabbitmq.conf', '640', 'root:rabbitmq'],
  ['controller', '/var/lib/rabbitmq/.erlang.cookie', '400', 'rabbitmq:rabbitmq'],
  ['controller', '/var/lib/mysql', '755', 'mysql:mysql'],
  ['controller', '/var/lib/mysql/keystone', '700', 'mysql:mysql'],
  ['compute1', '/etc/nova/nova.conf', '640', 'root:nova'],
  ['compute1', '/etc/neutron/neutron.conf', '640', 'root:neutron'],
  ['compute1', '/etc/ssh/ssh_host_ed25519_key', '600', 'root:root'],
]
