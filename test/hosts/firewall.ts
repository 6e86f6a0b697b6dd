/** Machines with their own firewall: the lab works beside it and leaves it unchanged. */

import { expect } from 'vitest'
import { tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import { asRoot, type Host, inClone } from './host.ts'
import { live } from './life.ts'

export const install = (host: Host, ...packages: string[]) =>
  asRoot(host, `apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get install -y -q ${packages.join(' ')}`)

/** As Docker 28 leaves them: forwarding dropped except on its own bridge, and two containers on that bridge. */
const docker = `
ip link add docker0 type bridge
ip addr add 172.17.0.1/16 dev docker0
ip link set docker0 up
for number in 1 2; do
  ip netns add foreign$number
  ip link add veth$number type veth peer name eth0 netns foreign$number
  ip link set veth$number master docker0 up
  ip -n foreign$number addr add 172.17.0.$((number + 1))/16 dev eth0
  ip -n foreign$number link set eth0 up
  ip -n foreign$number link set lo up
  ip -n foreign$number route add default via 172.17.0.1
done
sysctl -qw net.ipv4.ip_forward=1
sysctl -qw net.bridge.bridge-nf-call-iptables=1 || true
iptables-restore <<'rules'
*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
:DOCKER -
:DOCKER-ISOLATION-STAGE-1 -
:DOCKER-ISOLATION-STAGE-2 -
:DOCKER-USER -
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
*nat
:POSTROUTING ACCEPT
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
COMMIT
rules
`

/** Between the containers, and from one of them to the outside, with DNS over TCP. */
const foreignTraffic = `
ip netns exec foreign1 ping -q -c 2 -W 5 172.17.0.3 >/dev/null
timeout 10 ip netns exec foreign1 bash -c ': <>/dev/tcp/10.0.2.3/53'
`

/** Table by table, without counters and the date. Excludes libvirt's chains, and tables that have only those. */
async function readRules(host: Host): Promise<string[]> {
  const rules = await asRoot(host, `iptables-save | grep -vE '^#|LIBVIRT_' | sed 's/ \\[[0-9]*:[0-9]*\\]//'`)
  const tables = rules.split(/^COMMIT\n?/m)
  return tables.filter((table) => /^-A/m.test(table)).sort()
}

/** The lab's nodes reach each other, in the direction that a firewall would check. */
async function expectNodesTalk(host: Host): Promise<void> {
  const ping = await inClone(host, './lab ssh controller ping -q -c 2 -W 5 10.0.0.31', { quiet: true })
  expect(ping.exitCode, tail(ping.all)).toBe(0)
}

export async function liveBesideDocker(host: Host): Promise<string> {
  await install(host, 'iptables')
  await asRoot(host, docker)
  await asRoot(host, foreignTraffic)
  const before = await readRules(host)
  const lived = await live(host, async () => {
    await expectNodesTalk(host)
    await asRoot(host, foreignTraffic)
    return ['the foreign containers still reach each other and the world']
  })
  expect(await readRules(host)).toEqual(before)
  await asRoot(host, foreignTraffic)
  return `${lived}, rules as before`
}

const nftables = `
cat >/etc/nftables.conf <<'rules'
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif lo accept
    tcp dport 22 accept
  }
  chain forward { type filter hook forward priority filter; policy drop; }
  chain output { type filter hook output priority filter; policy accept; }
}
rules
systemctl enable --now nftables
nft list table inet filter | grep -q 'policy drop'
`

export async function liveBesideNftables(host: Host): Promise<string> {
  await install(host, 'nftables')
  await asRoot(host, nftables)
  const read = () => asRoot(host, 'nft -s list table inet filter')
  const before = await read()
  const lived = await live(host, async () => {
    await expectNodesTalk(host)
    return ['nodes reach each other']
  })
  expect(await read()).toBe(before)
  return `${lived}, ruleset as before`
}

export async function liveBesideUfw(host: Host): Promise<string> {
  await install(host, 'ufw')
  await asRoot(host, 'ufw allow ssh && ufw --force enable && ufw status | grep -q "Status: active"')
  const read = () => asRoot(host, `ufw status verbose; ${'iptables-save | grep -E "^-A ufw" || true'}`)
  const before = await read()
  const took = stopwatch()
  const lived = await live(host, async () => {
    await expectNodesTalk(host)
    return [`nodes reach each other after ${took.shown()}`]
  })
  expect(await read()).toBe(before)
  return `${lived}, ufw as before`
}
