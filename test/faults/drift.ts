/** Part 2: the nodes change behind the lab's back. `plan` names it, the next `up` repairs that and nothing else. */

import { expect, test } from 'vitest'
import { openstack } from '../e2e/answers.ts'
import type { Copy } from '../e2e/copy.ts'
import { readInvocations, readRestarted } from '../e2e/nodes.ts'
import { bringUp, onNode, sql, tail } from './lab.ts'
import { recorded } from './ledger.ts'

const part = 'drift'
const nodes = ['controller', 'compute1']

interface Drift {
  what: string
  node: string
  /** bash, on the node. */
  harm: string
  /** What `plan` says of it. */
  named: RegExp
  /** Services that the next `up` runs; nothing else. */
  repaired: readonly string[]
  /** Units that may be started again by the repair. */
  restarts: readonly string[]
  /** bash on the node that succeeds only when it is right again. */
  right: string
}

const drifts: readonly Drift[] = [
  {
    what: 'a config file edited',
    node: 'controller',
    harm: 'echo "# by hand" >>/etc/placement/placement.conf',
    named: /placement[\s\S]*placement\.conf: its content differs/,
    repaired: ['placement'],
    restarts: ['controller placement-api'],
    right: '! grep -q "by hand" /etc/placement/placement.conf',
  },
  {
    what: 'mode of a config file',
    node: 'controller',
    harm: 'chmod 644 /etc/glance/glance-api.conf',
    named: /glance-api\.conf: it is root:glance 644, not root:glance 640/,
    repaired: ['glance'],
    restarts: ['controller glance-api'],
    right: 'test "$(stat -c %a /etc/glance/glance-api.conf)" = 640',
  },
  {
    what: 'owner of a config file',
    node: 'compute1',
    harm: 'chown nobody /etc/nova/nova.conf',
    named: /nova\.conf: it is nobody:nova/,
    repaired: ['nova'],
    restarts: ['compute1 nova-compute'],
    right: 'test "$(stat -c %U:%G /etc/nova/nova.conf)" = root:nova',
  },
  {
    what: 'a unit stopped',
    node: 'controller',
    harm: 'systemctl stop nova-scheduler',
    named: /nova-scheduler/,
    repaired: ['nova'],
    restarts: ['controller nova-scheduler'],
    right: 'systemctl is-active -q nova-scheduler',
  },
  {
    what: 'a unit masked',
    node: 'controller',
    harm: 'systemctl mask --now nova-novncproxy',
    named: /nova-novncproxy/,
    repaired: ['nova'],
    restarts: ['controller nova-novncproxy'],
    right: 'systemctl is-active -q nova-novncproxy && systemctl is-enabled -q nova-novncproxy',
  },
  {
    what: 'a unit disabled',
    node: 'compute1',
    harm: 'systemctl disable neutron-linuxbridge-agent',
    named: /enabled neutron-linuxbridge-agent/,
    repaired: ['neutron'],
    restarts: [],
    right: 'systemctl is-enabled -q neutron-linuxbridge-agent',
  },
  {
    what: 'a database user dropped',
    node: 'controller',
    harm: sql('mysql', "DROP USER 'glance'@'%'"),
    named: /glance[\s\S]*(lacks rights|cannot log in)/,
    repaired: ['glance'],
    restarts: [],
    right: `${sql('mysql', "SELECT 1 FROM mysql.user WHERE user = 'glance'")} | grep -q 1`,
  },
  {
    what: 'an endpoint deleted',
    node: 'controller',
    harm: sql(
      'keystone',
      "DELETE e FROM endpoint e JOIN service s ON s.id = e.service_id WHERE s.type = 'image' AND e.interface = 'internal'",
    ),
    named: /glance[\s\S]*endpoint/,
    repaired: ['glance'],
    restarts: [],
    right: `test "$(${sql('keystone', "SELECT COUNT(*) FROM endpoint e JOIN service s ON s.id = e.service_id WHERE s.type = 'image'")})" = 3`,
  },
  {
    what: 'an endpoint pointed elsewhere',
    node: 'controller',
    harm: sql(
      'keystone',
      "UPDATE endpoint e JOIN service s ON s.id = e.service_id SET e.url = 'http://192.0.2.99:9696' WHERE s.type = 'network' AND e.interface = 'public'",
    ),
    named: /neutron[\s\S]*endpoint/,
    repaired: ['neutron'],
    restarts: [],
    right: `test "$(${sql('keystone', "SELECT COUNT(*) FROM endpoint WHERE url LIKE '%192.0.2.99%'")})" = 0`,
  },
  {
    what: 'a role removed from a service user',
    node: 'controller',
    harm: sql(
      'keystone',
      "DELETE a FROM assignment a JOIN role r ON r.id = a.role_id JOIN local_user u ON u.user_id = a.actor_id WHERE r.name = 'service' AND u.name = 'cinder'",
    ),
    named: /cinder[\s\S]*role service of cinder/,
    repaired: ['cinder'],
    restarts: [],
    right: `test "$(${sql('keystone', "SELECT COUNT(*) FROM assignment a JOIN role r ON r.id = a.role_id JOIN local_user u ON u.user_id = a.actor_id WHERE r.name = 'service' AND u.name = 'cinder'")})" = 1`,
  },
  {
    what: 'a broker user removed',
    node: 'controller',
    harm: 'rabbitmqctl -q delete_user openstack </dev/null',
    named: /rabbitmq/,
    repaired: ['rabbitmq'],
    restarts: [],
    right: 'rabbitmqctl -q list_users </dev/null | grep -q ^openstack',
  },
  {
    what: 'a bridge removed',
    node: 'compute1',
    harm: 'ip link del "$(ip -br link | grep -o "^brq[^ ]*" | head -1)"',
    named: /neutron[\s\S]*every port's wire is whole: eth1 is not in brq/,
    repaired: ['neutron'],
    restarts: ['compute1 neutron-linuxbridge-agent'],
    right: 'ip -o link | grep -q "tap.* master brq" && ip -o link show eth1 | grep -q "master brq"',
  },
  {
    what: "an instance's wire pulled out of its bridge",
    node: 'compute1',
    harm: 'ip link set "$(ip -br link | grep -o "^tap[^ ]*" | head -1)" nomaster',
    named: /neutron[\s\S]*every port's wire is whole: tap\S+ is not in brq/,
    repaired: ['neutron'],
    restarts: [],
    right: '! ip -o link | grep ": tap" | grep -v "master brq"',
  },
  {
    what: 'a package removed',
    node: 'controller',
    harm: 'DEBIAN_FRONTEND=noninteractive apt-get -qq purge -y novnc >/dev/null 2>&1; ! dpkg -s novnc >/dev/null 2>&1',
    named: /novnc/,
    repaired: ['nova'],
    restarts: ['controller nova-novncproxy'],
    right: 'dpkg -s novnc >/dev/null',
  },
]

/** Names of the services that a run of `up` made anew. */
const remade = (said: string) =>
  [...new Set([...said.matchAll(/✓ services: (\w+) made/g)].map(([, name]) => name!))].sort()

export function driftTests(copy: () => Copy): void {
  test.each(drifts)('$what', (drift) =>
    recorded(part, drift.what, async () => {
      const before = await readInvocations(copy(), nodes)
      await onNode(copy(), drift.node, drift.harm)
      const plan = await copy().run('./lab', 'plan')
      expect(String(plan.stdout)).toMatch(drift.named)
      const said = await bringUp(copy())
      expect(remade(said)).toEqual(drift.repaired)
      await onNode(copy(), drift.node, drift.right)
      const others = (await readRestarted(copy(), nodes, before)).filter((unit) => !drift.restarts.includes(unit))
      expect(others).toEqual([])
      return `named by plan; up ran ${drift.repaired.join(', ')} alone`
    }),
  )

  test('a network agent deleted', () =>
    recorded(part, 'a network agent deleted', async () => {
      const agents = await openstack<{ ID: string; Host: string; Binary: string }[]>(copy(), 'network', 'agent', 'list')
      const agent = agents.find(({ Host, Binary }) => Host === 'compute1' && Binary === 'neutron-linuxbridge-agent')!
      // One that is alive comes back by itself within seconds: it is stopped too.
      await onNode(copy(), 'compute1', 'systemctl stop neutron-linuxbridge-agent')
      await copy().run('./lab', 'openstack', 'network', 'agent', 'delete', agent.ID)
      expect((await copy().run('./lab', 'plan')).stdout).toMatch(/neutron[\s\S]*neutron-linuxbridge-agent/)
      expect(remade(await bringUp(copy()))).toEqual(['neutron'])
      const again = await openstack<{ Host: string; Alive: boolean }[]>(copy(), 'network', 'agent', 'list')
      expect(again.filter(({ Host, Alive }) => Host === 'compute1' && Alive)).toHaveLength(1)
      return 'named by plan; up ran neutron alone'
    }))

  test("a domain undefined comes back with its files, and the user's own objects are as they were", () =>
    recorded(part, 'a domain undefined', async () => {
      await copy().run('./lab', 'openstack', 'volume', 'create', '--size', '1', 'mine')
      await copy().run('./lab', 'openstack', 'keypair', 'create', 'mine', '--private-key', '/dev/null')
      await onNode(copy(), 'compute1', 'echo kept >/root/kept; sync')
      await copy().run('./lab', 'exec', '--', 'virsh', '-q', 'destroy', 'duostack-compute1')
      await copy().run('./lab', 'exec', '--', 'virsh', '-q', 'undefine', 'duostack-compute1')
      expect((await copy().run('./lab', 'plan')).stdout).toMatch(/compute1: is started: its domain is not there/)
      const up = await copy().run('./lab', 'up')
      expect(up.exitCode, tail(up.all)).toBe(0)
      expect(await onNode(copy(), 'compute1', 'cat /root/kept')).toBe('kept')
      expect((await openstack<{ status: string }>(copy(), 'volume', 'show', 'mine')).status).toBe('available')
      expect((await copy().run('./lab', 'openstack', 'keypair', 'show', 'mine')).exitCode).toBe(0)
      await copy().run('./lab', 'openstack', 'volume', 'delete', 'mine')
      await copy().run('./lab', 'openstack', 'keypair', 'delete', 'mine')
      return 'named by plan; up defined and started it, files kept'
    }))
}
