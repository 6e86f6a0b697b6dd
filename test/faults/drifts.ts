/**
 * The changes that are made to nodes without the lab's knowledge, what `plan` says about each, and what the next `up`
 * may touch.
 */

import { sql } from '../harness/lab.ts'

/** On the controller, where nothing listens: refused at once. */
export const deadUrl = 'http://10.0.0.11:1'

/**
 * Removes the console proxy from the controller with dpkg, as apt would leave its cache. Fails if it stays installed.
 */
export const purgeConsole = 'dpkg --purge nova-consoleproxy novnc >/dev/null 2>&1; ! dpkg -s novnc >/dev/null 2>&1'

export interface Drift {
  what: string
  node: string
  /** bash, on the node. */
  harm: string
  /** What `plan` says about it; `^` and `$` match a line without its indentation. */
  named: RegExp
  /** Services that the next `up` runs; nothing else. */
  repaired: readonly string[]
  /** Units that may be started again by the repair. */
  restarts: readonly string[]
  /** bash on the node that succeeds only if everything is right again. */
  right: string
}

export const drifts: readonly Drift[] = [
  {
    what: 'a config file edited',
    node: 'controller',
    harm: 'echo "# by hand" >>/etc/placement/placement.conf',
    named: /^controller: file \/etc\/placement\/placement\.conf: its content differs$/,
    repaired: ['placement'],
    restarts: ['controller placement-api'],
    right: '! grep -q "by hand" /etc/placement/placement.conf',
  },
  {
    what: 'mode of a config file',
    node: 'controller',
    harm: 'chmod 644 /etc/glance/glance-api.conf',
    named: /^controller: file \/etc\/glance\/glance-api\.conf: it is root:glance 644, not root:glance 640$/,
    repaired: ['glance'],
    restarts: ['controller glance-api'],
    right: 'test "$(stat -c %a /etc/glance/glance-api.conf)" = 640',
  },
  {
    what: 'owner of a config file',
    node: 'compute1',
    harm: 'chown nobody /etc/nova/nova.conf',
    named: /^compute1: file \/etc\/nova\/nova\.conf: it is nobody:nova 640, not root:nova 640$/,
    repaired: ['nova'],
    restarts: ['compute1 nova-compute'],
    right: 'test "$(stat -c %U:%G /etc/nova/nova.conf)" = root:nova',
  },
  {
    what: 'a unit stopped',
    node: 'controller',
    harm: 'systemctl stop nova-scheduler',
    named: /^controller: running nova-\S.*: nova-scheduler: is inactive$/,
    repaired: ['nova'],
    restarts: ['controller nova-scheduler'],
    right: 'systemctl is-active -q nova-scheduler',
  },
  {
    what: 'a unit masked',
    node: 'controller',
    harm: 'systemctl mask --now nova-novncproxy',
    named: /^controller: enabled nova-novncproxy: is masked$/,
    repaired: ['nova'],
    restarts: ['controller nova-novncproxy'],
    right: 'systemctl is-active -q nova-novncproxy && systemctl is-enabled -q nova-novncproxy',
  },
  {
    what: 'a unit disabled',
    node: 'compute1',
    harm: 'systemctl disable neutron-linuxbridge-agent',
    named: /^compute1: enabled neutron-linuxbridge-agent: is disabled$/,
    repaired: ['neutron'],
    restarts: [],
    right: 'systemctl is-enabled -q neutron-linuxbridge-agent',
  },
  {
    what: 'a database user dropped',
    node: 'controller',
    harm: sql('mysql', "DROP USER 'glance'@'%'"),
    named: /^controller: database glance of glance: glance lacks rights$/,
    repaired: ['glance'],
    restarts: [],
    right: `${sql('mysql', "SHOW GRANTS FOR 'glance'@'%'")} | grep -qF 'GRANT ALL PRIVILEGES ON \`glance\`.* TO'`,
  },
  {
    what: 'an endpoint deleted',
    node: 'controller',
    harm: sql(
      'keystone',
      "DELETE e FROM endpoint e JOIN service s ON s.id = e.service_id WHERE s.type = 'image' AND e.interface = 'internal'",
    ),
    named: /^controller: keystone endpoint image internal: is missing$/,
    repaired: ['glance'],
    restarts: [],
    right: `test "$(${sql('keystone', "SELECT COUNT(*) FROM endpoint e JOIN service s ON s.id = e.service_id WHERE s.type = 'image' AND e.interface = 'internal' AND e.url LIKE '%:9292'")})" = 1`,
  },
  {
    what: 'an endpoint pointed elsewhere',
    node: 'controller',
    harm: sql(
      'keystone',
      `UPDATE endpoint e JOIN service s ON s.id = e.service_id SET e.url = '${deadUrl}' WHERE s.type = 'network' AND e.interface = 'public'`,
    ),
    named: /^controller: keystone endpoint network public: is http:\/\/10\.0\.0\.11:1, not http:\/\/10\.0\.0\.11:9696$/,
    repaired: ['neutron'],
    restarts: [],
    right: `test "$(${sql('keystone', "SELECT e.url FROM endpoint e JOIN service s ON s.id = e.service_id WHERE s.type = 'network' AND e.interface = 'public'")})" = http://10.0.0.11:9696`,
  },
  {
    what: 'a role removed from a service user',
    node: 'controller',
    harm: sql(
      'keystone',
      "DELETE a FROM assignment a JOIN role r ON r.id = a.role_id JOIN local_user u ON u.user_id = a.actor_id WHERE r.name = 'service' AND u.name = 'cinder'",
    ),
    named: /^controller: keystone role service of cinder: is missing$/,
    repaired: ['cinder'],
    restarts: [],
    right: `test "$(${sql('keystone', "SELECT COUNT(*) FROM assignment a JOIN role r ON r.id = a.role_id JOIN local_user u ON u.user_id = a.actor_id WHERE r.name = 'service' AND u.name = 'cinder'")})" = 1`,
  },
  {
    what: 'a broker user removed',
    node: 'controller',
    harm: 'rabbitmqctl -q delete_user openstack </dev/null',
    named: /^controller: broker user openstack, with all permissions: still to be done$/,
    repaired: ['rabbitmq'],
    restarts: [],
    right: 'rabbitmqctl -q list_user_permissions openstack </dev/null | grep -qF ".*\t.*\t.*"',
  },
  {
    what: 'a bridge removed',
    node: 'compute1',
    harm: 'ip link del "$(ip -br link | grep -o "^brq[^ ]*" | head -1)"',
    // An agent that was just missing recreates bridge and uplink by itself, but does not touch instances' taps.
    named: /^compute1: every port's wire is whole: (eth1|tap\S+) is not in brq/,
    repaired: ['neutron'],
    restarts: ['compute1 neutron-linuxbridge-agent'],
    right: 'ip -o link | grep -q "tap.* master brq" && ip -o link show eth1 | grep -q "master brq"',
  },
  {
    what: "a network's DHCP namespace removed",
    node: 'controller',
    harm: 'for one in $(ip netns list | grep -o "^qdhcp-[^ ]*" | head -1); do kill $(ip netns pids $one); ip netns del $one; done',
    named: /^controller: every network has its DHCP server: network \S+ has no DHCP server/,
    repaired: ['neutron'],
    restarts: ['controller neutron-dhcp-agent'],
    right:
      'ip netns list | grep -o "^qdhcp-[^ ]*" | while read -r one; do [ -n "$(ip netns pids $one)" ] || exit 1; done',
  },
  {
    what: "an instance's wire pulled out of its bridge",
    node: 'compute1',
    harm: 'ip link set "$(ip -br link | grep -o "^tap[^ ]*" | head -1)" nomaster',
    named: /^compute1: every port's wire is whole: tap\S+ is not in brq/,
    repaired: ['neutron'],
    restarts: [],
    right: '! ip -o link | grep ": tap" | grep -v "master brq"',
  },
  {
    what: "the rules of an instance's frames removed",
    node: 'compute1',
    harm: 'ebtables -t nat -D PREROUTING -i tap+ -j port-frames; ebtables -t nat -F port-frames',
    named: /^compute1: only frames that can be filtered pass .*: frames from instances are not looked at/,
    repaired: ['neutron'],
    restarts: ['compute1 neutron-linuxbridge-agent'],
    right: '/usr/local/sbin/port-frames check',
  },
  {
    what: 'a package removed',
    node: 'controller',
    harm: purgeConsole,
    named: /^controller: packages nova-api .*: not installed: nova-consoleproxy novnc$/,
    repaired: ['nova'],
    restarts: ['controller nova-novncproxy'],
    // No file of the package installation is left, and only one of the three proxies is wanted.
    right: `test "$(dpkg-query -W -f '\${db:Status-Status}\n' novnc nova-consoleproxy | grep -cx installed)" = 2 &&
systemctl is-active -q nova-novncproxy && ! systemctl is-enabled nova-spicehtml5proxy nova-serialproxy &&
test -z "$(ls -d /run/duostack/packages.?????? /var/cache/apt/*.bin /usr/sbin/policy-rc.d 2>/dev/null)"`,
  },
]

const routerSpace = '"$(ip netns list | grep -om 1 "^qrouter-[^ ]*")"'
const routers: Pick<Drift, 'node' | 'repaired' | 'restarts' | 'right'> = {
  node: 'controller',
  repaired: ['neutron'],
  restarts: ['controller neutron-l3-agent'],
  right: `systemctl is-active -q neutron-l3-agent && ip -n ${routerSpace} -br link | grep -c '^q[gr]-.* UP ' | grep -qx 2`,
}
const whole = /^controller: every router is whole: router \S+ has no q[gr]-/

/** In a self-service lab with its own router alone. */
export const routerDrifts: readonly Drift[] = [
  { what: "the router's namespace deleted", harm: `ip netns delete ${routerSpace}`, named: whole, ...routers },
  {
    what: 'an interface of the router deleted',
    harm: `ip -n ${routerSpace} link delete "$(ip -n ${routerSpace} -br link | grep -o '^qr-[^@ ]*')"`,
    named: whole,
    ...routers,
  },
  {
    what: "the L3 agent stopped and the router's namespace deleted",
    harm: `systemctl stop neutron-l3-agent; ip netns delete ${routerSpace}`,
    named: /^controller: running neutron-\S.*: neutron-l3-agent: is inactive$/,
    ...routers,
  },
]
