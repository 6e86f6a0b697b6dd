/** The way out, in real network namespaces: what is reached, what never is, and that nothing of it stays. */

import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { sweepScript } from '../../scripts/host/sweep.ts'
import { parseInventory } from '../../scripts/libvirt/inventory.ts'
import { inventoryScript } from '../../scripts/libvirt/inventory-script.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import { id, onMachine, outboundLab } from './outbound-machine.ts'

const has = async (program: string) => (await execa(program, ['--version'], { reject: false })).exitCode === 0
const can = isRoot && (await has('nft')) && (await has('slirp4netns'))

/** Nobody reaches these: the machine, by any of its addresses, the metadata of its cloud, and a range that is denied. */
const closed = ['198.51.100.1', '169.254.169.254', '10.99.0.9']
/** And from an instance: the machine on the lab's networks, and a node. */
const closedToInstance = [...closed, '203.0.113.1', '10.0.0.1', '10.0.0.11', '169.254.77.2', '169.254.77.100']
const closedToNode = [...closed, '203.0.113.1', '203.0.113.101']

const fromAll = (who: string, addresses: readonly string[]) => `from_all ${who} ${addresses.join(' ')}`
const silentAll = (who: string, addresses: readonly string[]) => addresses.map((one) => `${who} does not reach ${one}`)
const outside = '198.51.100.2'

describe.runIf(can).each(['none', 'netns'] as const)('with isolation %s', (isolation) => {
  test('nothing leaves the lab until the way out is open, and then as this machine', async () => {
    const seen = await onMachine(
      outboundLab(isolation),
      `from instance ${outside}; open; from instance ${outside}; from node ${outside}; shut; from instance ${outside}`,
    )
    expect(seen).toEqual([
      `instance does not reach ${outside}`,
      `instance reaches ${outside} as 198.51.100.1`,
      `node reaches ${outside} as 198.51.100.1`,
      `instance does not reach ${outside}`,
    ])
  })

  test('an instance and a node reach none of what nobody may reach', async () => {
    const seen = await onMachine(
      outboundLab(isolation),
      `open; ${fromAll('instance', closedToInstance)}\n${fromAll('node', closedToNode)}
at instance ping -n -c 1 -W 2 203.0.113.1 >/dev/null && echo 'the gateway answers a ping'`,
    )
    expect(seen).toEqual([
      ...silentAll('instance', closedToInstance),
      ...silentAll('node', closedToNode),
      'the gateway answers a ping',
    ])
  })

  test('an address that this machine gets later is its own as well', async () => {
    const seen = await onMachine(
      outboundLab(isolation),
      'open; ip link add late type bridge; ip addr add 192.0.2.77/24 dev late; ip link set late up; from instance 192.0.2.77',
    )
    expect(seen).toEqual(['instance does not reach 192.0.2.77'])
  })

  test('nothing outside reaches a node or an instance, with a route to them either', async () => {
    const seen = await onMachine(
      outboundLab(isolation),
      `open; at outside ip route add 10.0.0.0/24 via 198.51.100.1; at outside ip route add 203.0.113.0/24 via 198.51.100.1
from outside 10.0.0.11; from outside 203.0.113.101`,
    )
    expect(seen).toEqual(silentAll('outside', ['10.0.0.11', '203.0.113.101']))
  })

  test("the gateway passes DNS questions on to this machine's own server, unless others are declared", async () => {
    const ask = 'open; asks instance 203.0.113.1; asks node 10.0.0.1'
    expect(await onMachine(outboundLab(isolation), ask)).toEqual([
      'instance asks 203.0.113.1: answer to question',
      'node asks 10.0.0.1: answer to question',
    ])
    const declared = outboundLab(isolation, { dns: [outside] })
    expect(await onMachine(declared, `${ask}; asks instance ${outside}`)).toEqual([
      'instance asks 203.0.113.1: no answer',
      'node asks 10.0.0.1: no answer',
      `instance asks ${outside}: answer to question`,
    ])
  })

  test('firewalls that drop everything else do not drop it', async () => {
    const seen = await onMachine(
      outboundLab(isolation),
      `in_lab iptables -P FORWARD DROP
in_lab iptables -A FORWARD -o ${id}-prov -j REJECT; in_lab iptables -A FORWARD -i ${id}-prov -j REJECT
for table in filter libvirt_network; do
  in_lab nft add table inet $table; in_lab nft add chain inet $table forward '{ type filter hook forward priority 0; policy drop; }'
done
before=$(in_lab bash -c "$(declare -f ruleset); ruleset")
open; from instance ${outside}; open; from node ${outside}; from instance 10.99.0.9; shut; from instance ${outside}
[ "$(in_lab bash -c "$(declare -f ruleset); ruleset")" = "$before" ] && echo same`,
    )
    expect(seen).toEqual([
      `instance reaches ${outside} as 198.51.100.1`,
      `node reaches ${outside} as 198.51.100.1`,
      'instance does not reach 10.99.0.9',
      `instance does not reach ${outside}`,
      'same',
    ])
  })

  test('what it changed on this machine is as before when it is closed, and when the lab is removed by its id', async () => {
    const lab = outboundLab(isolation)
    const question = {
      id,
      data: '/run/lab',
      uris: [],
      netns: `/run/netns/duostack-${id}`,
      folders: [],
      firewall: isolation === 'none',
    }
    const look = inventoryScript(question)
    const state =
      'nft list ruleset; iptables-save; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding; ls /run'
    const machine = await onMachine(
      lab,
      `state() { ${state}; }
before=$(state)
open; shut; [ "$(state)" = "$before" ] && echo same
open; bash -c ${shellQuote(look)} | sed 's/^/seen:/'`,
    )
    expect(machine[0]).toBe('same')
    const rows = machine.filter((line) => line.startsWith('seen:')).map((line) => line.slice(5))
    const inventory = parseInventory(rows.join('\n'), lab, 1)
    expect(inventory.rules).toEqual([`nft table inet duostack_${id}${isolation === 'netns' ? '_out' : ''}`])
    expect(inventory.processes.map(({ program }) => program)).toEqual(
      isolation === 'netns' ? expect.arrayContaining(['slirp4netns']) : [],
    )
    const rulesAlone = { ...parseInventory('', lab, 1), rules: inventory.rules }
    const removed = await onMachine(
      lab,
      `state() { ${state}; }
before=$(state)
open; ${isolation === 'netns' ? 'kill $(cat /run/lab/outbound/pid)' : ':'}; 
bash -c ${shellQuote(sweepScript(lab, rulesAlone))}
[ "$(state)" = "$before" ] && echo same`,
    )
    expect(removed).toEqual(['same'])
  })
})

describe.runIf(can)('on this machine itself', () => {
  const lab = outboundLab('none')

  test('forwarding stays off, and nothing passes between its other networks', async () => {
    const seen = await onMachine(
      lab,
      `ip netns add home; ip link add lan type veth peer name eth0 netns home
ip addr add 192.0.2.1/24 dev lan; ip link set lan up
ip -n home addr add 192.0.2.2/24 dev eth0; ip -n home link set eth0 up; ip -n home link set lo up; ip -n home route add default via 192.0.2.1
serve home 80; sleep 0.3
at outside ip route add 192.0.2.0/24 via 198.51.100.1
open; cat /proc/sys/net/ipv4/ip_forward
from home ${outside}; from outside 192.0.2.2; from instance 192.0.2.2`,
    )
    expect(seen).toEqual([
      '0',
      `home does not reach ${outside}`,
      'outside does not reach 192.0.2.2',
      'instance reaches 192.0.2.2 as 192.0.2.1',
    ])
  })

  test('if another has switched forwarding on meanwhile, it stays on', async () => {
    const seen = await onMachine(
      lab,
      'open; echo 1 >/proc/sys/net/ipv4/ip_forward; shut; cat /proc/sys/net/ipv4/{ip_forward,conf/uplink/forwarding}; ls /run',
    )
    expect(seen.slice(0, 2)).toEqual(['1', '1'])
    expect(seen).not.toContain('duostack-forwarding')
  })

  test('the way out of another lab does not end with it', async () => {
    const seen = await onMachine(
      lab,
      `open; nft add table inet duostack_00000001; shut; cat /proc/sys/net/ipv4/conf/uplink/forwarding
nft delete table inet duostack_00000001; shut; cat /proc/sys/net/ipv4/conf/uplink/forwarding`,
    )
    expect(seen).toEqual(['1', '0'])
  })

  test('a port that Docker publishes on it is its own', async () => {
    const seen = await onMachine(
      lab,
      `ip netns add container; ip link add docker0 type veth peer name eth0 netns container
ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
ip -n container addr add 172.17.0.2/16 dev eth0; ip -n container link set eth0 up; ip -n container route add default via 172.17.0.1
serve container 80; sleep 0.3; echo 1 >/proc/sys/net/ipv4/ip_forward
iptables -t nat -A PREROUTING -p tcp -m addrtype --dst-type LOCAL --dport 8080 -j DNAT --to 172.17.0.2:80
open; from outside 198.51.100.1 8080; for address in 198.51.100.1 203.0.113.1; do from instance $address 8080; done`,
    )
    expect(seen).toEqual([
      `outside reaches 198.51.100.1 as ${outside}`,
      'instance does not reach 198.51.100.1',
      'instance does not reach 203.0.113.1',
    ])
  })

  test('a DNS server on one of its own addresses is not passed on to, and that is said', async () => {
    const seen = await onMachine(lab, "echo 'nameserver 127.0.0.53' >/etc/resolv.conf; open; asks instance 203.0.113.1")
    expect(seen).toEqual([expect.stringContaining('set lab_dns'), 'instance asks 203.0.113.1: no answer'])
  })
})

describe.runIf(can)("out of the lab's namespace", () => {
  const lab = outboundLab('netns')
  const pid = 'cat /run/lab/outbound/pid'

  test('this machine forwards nothing and its firewall has one table more', async () => {
    const seen = await onMachine(
      lab,
      'open; cat /proc/sys/net/ipv4/{ip_forward,conf/uplink/forwarding}; nft list tables',
    )
    expect(seen).toEqual(['0', '0', `table inet duostack_${id}_out`])
  })

  test('goes through a process in a sandbox, which is replaced if it has ended', async () => {
    const seen = await onMachine(
      lab,
      `open; one=$(${pid}); ls /proc/$one/root; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/$one/status
open; [ "$(${pid})" = $one ] && echo kept
kill -KILL $one; sleep 0.3; from instance ${outside}; open; from instance ${outside}`,
    )
    expect(seen).toEqual([
      'etc',
      'run',
      'CapEff:\t0000000000000400',
      'NoNewPrivs:\t1',
      'Seccomp:\t2',
      'kept',
      `instance does not reach ${outside}`,
      `instance reaches ${outside} as 198.51.100.1`,
    ])
  })

  test("this machine's mounts stay when it shuts itself in", async () => {
    const seen = await onMachine(
      lab,
      `mount -t tmpfs tmpfs /mnt; mount --make-shared /mnt; mkdir /mnt/one; mount -t tmpfs tmpfs /mnt/one
open; mountpoint /mnt/one; from instance ${outside}`,
    )
    expect(seen).toEqual(['/mnt/one is a mountpoint', `instance reaches ${outside} as 198.51.100.1`])
  })

  test("a server on this machine's loopback answers the lab's questions, and nothing else there is reached", async () => {
    const seen = await onMachine(
      lab,
      `echo 'nameserver 127.0.0.53' >/etc/resolv.conf; dns_here; open; asks instance 203.0.113.1
from instance 169.254.77.2`,
    )
    expect(seen).toEqual(['instance asks 203.0.113.1: answer to question', 'instance does not reach 169.254.77.2'])
  })
})
