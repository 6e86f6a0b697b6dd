/**
 * The firewall rules of the way out: one nft table with the lab's id, in which all is closed that is not opened, and what
 * lets its traffic through the chains of others.
 */

import { neverReachable } from '../declaration/across-outbound.ts'
import type { Lab, LabPaths } from '../declaration/lab.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { commentOf, firewallFunctions } from './bridge-accept.ts'

export type OutboundLab = Pick<Lab, 'id' | 'isolation' | 'networks' | 'outbound' | 'dns'>

/** Where the lab's packets are filtered and translated; and in the host's network, what the user-space network may not. */
export const tableOf = (id: string) => `duostack_${id}`
export const guardOf = (id: string) => `${tableOf(id)}_out`

/** Marks the rules in the chains of others. */
export const outboundComment = (id: string) => `${commentOf(id)}-out`

interface Leg {
  link: string
  cidr: string
  gateway: string
}

/** The lab's networks on this machine; the management network is the first. */
function legsOf({ networks: { management, provider, vlan } }: Pick<Lab, 'networks'>): Leg[] {
  const leg = (link: string, { cidr, hostAddress }: { cidr: string; hostAddress: string }) => {
    return { link, cidr, gateway: hostAddress }
  }
  return [
    leg(management.bridge, management),
    leg(provider.bridge, provider),
    ...(vlan ? [leg(vlan.interface, vlan)] : []),
  ]
}

const set = (words: readonly string[]) => `{ ${words.join(', ')} }`
const quoted = (names: readonly string[]) => set(names.map((name) => `"${name}"`))

const chain = (name: string, hook: string, rules: readonly string[]) =>
  [`  chain ${name} {`, `    type ${hook}; policy accept`, ...rules.map((rule) => `    ${rule}`), '  }'].join('\n')

const branch = (name: string, rules: readonly string[]) =>
  [`  chain ${name} {`, ...rules.map((rule) => `    ${rule}`), '  }'].join('\n')

const translated = 'ct status dnat'

/**
 * The table as `nft -f` reads it, which replaces the one before at once. Deny comes first. It looks before the chains of
 * others (mangle's priority), and at addresses as they were sent: a port that Docker publishes on this machine is this
 * machine. Frames between two ports of one bridge are none of its business. The shell that expands it sets `$questions`
 * and `$passed` (`passQuestions`), and `$closed`, rules of the interfaces of which it switched forwarding on.
 */
export function outboundTable(lab: OutboundLab): string {
  const legs = legsOf(lab)
  const [management, ...others] = legs as [Leg, ...Leg[]]
  const links = quoted(legs.map(({ link }) => link))
  const name = `inet ${tableOf(lab.id)}`
  const denied = [...neverReachable, ...legs.map(({ cidr }) => cidr), ...(lab.outbound?.deny ?? [])]
  return [
    `table ${name}`,
    `delete table ${name}`,
    `table ${name} {`,
    '  set denied {',
    '    type ipv4_addr; flags interval; auto-merge',
    `    elements = ${set(denied)}`,
    '  }',
    chain('forward', 'filter hook forward priority mangle', [
      '$closed',
      ...legs.map(({ link }) => `iifname "${link}" oifname "${link}" accept`),
      `iifname ${links} jump outward`,
      `oifname ${links} jump inward`,
    ]),
    branch('outward', [
      'meta nfproto ipv6 drop',
      '$passed',
      'ip daddr @denied reject with icmpx type admin-prohibited',
      `oifname ${links} drop`,
      `${translated} drop`,
      ...legs.map(({ link, cidr }) => `iifname "${link}" ip saddr ${cidr} accept`),
      'drop',
    ]),
    branch('inward', ['meta nfproto ipv6 drop', 'ct state established,related accept', 'drop']),
    chain('input', 'filter hook input priority mangle', [`iifname ${links} jump here`]),
    branch('here', [
      'meta nfproto ipv6 drop',
      'ct state established,related accept',
      `iifname "${management.link}" ip daddr ${management.gateway} accept`,
      ...others.map(({ link, gateway }) => `iifname "${link}" ip daddr ${gateway} icmp type echo-request accept`),
      'drop',
    ]),
    chain('questions', 'nat hook prerouting priority -101', ['$questions']),
    chain('sources', 'nat hook postrouting priority srcnat', [
      `ip saddr ${set(legs.map(({ cidr }) => cidr))} oifname != ${links} masquerade`,
    ]),
    '}',
  ].join('\n')
}

/** Sets `$questions` and `$passed`: DNS questions to a gateway go to `$resolver`, if it is set. */
export function passQuestions(lab: OutboundLab): string {
  const rules = legsOf(lab).map(
    ({ link, gateway }) =>
      `iifname "${link}" ip daddr ${gateway} meta l4proto { tcp, udp } th dport 53 dnat ip to RESOLVER`,
  )
  return `questions= passed=
if [ -n "$resolver" ]; then
  questions=$(sed "s/RESOLVER/$resolver/" <<'RULES'
${rules.join('\n')}
RULES
)
  passed="${translated} ct original ip daddr ${set(legsOf(lab).map(({ gateway }) => gateway))} ip daddr $resolver meta l4proto { tcp, udp } th dport 53 accept"
fi`
}

/**
 * Lets that traffic through every chain in which somebody drops: libvirt's, Docker's, ufw's, firewalld's. Before all other
 * rules there. Needs the networks, before whose start libvirt has no chains. Repeats safely.
 */
export function acceptOutbound(lab: OutboundLab): string {
  const comment = outboundComment(lab.id)
  const legs = legsOf(lab)
  const each = (use: (match: string) => string) =>
    legs.flatMap(({ link, cidr }) =>
      [`-i ${link} -s ${cidr}`, `-o ${link} -m conntrack --ctstate RELATED,ESTABLISHED`].map(use),
    )
  const eachNft = (use: (match: string) => string) =>
    legs.flatMap(({ link, cidr }) =>
      [`iifname "${link}" ip saddr ${cidr}`, `oifname "${link}" ct state established,related`].map(use),
    )
  return `${firewallFunctions}
pass_xtables() {
  case $1 in ip6*) return 0 ;; esac
  # Nothing there drops; a rule would make iptables' table where there is none.
  [ "$("$1" -w -S FORWARD 2>/dev/null)" != '-P FORWARD ACCEPT' ] || return 0
${each((match) => `  "$1" -w -D FORWARD ${match} -m comment --comment ${comment} -j ACCEPT 2>/dev/null || :\n  "$1" -w -I FORWARD ${match} -m comment --comment ${comment} -j ACCEPT`).join('\n')}
}
pass_nft() {
  [ "$1" != ip6 ] || return 0
  ! nft list chain "$@" | grep -qF '"${comment}"' || return 0
${eachNft((match) => `  nft insert rule "$@" ${match} accept comment '"${comment}"'`).join('\n')}
}
each_xtables pass_xtables
each_nft pass_nft
`
}

/** Of a lab, also of one of which only the id is left. */
interface Outgoing {
  id: string
  paths: Pick<LabPaths, 'data'>
}

/** Beside the lab's other files: what the way out keeps. Exists as long as anything of it may be left. */
export const outboundFolder = (lab: Pick<Outgoing, 'paths'>) => `${lab.paths.data}/outbound`

/**
 * A bash function that runs a command in this machine's own network, from the lab's namespace too: `$pin` is a handle on it,
 * made before anything enters the namespace. Process 1 may be closed to root, as in a container.
 */
export const onHost = (lab: Pick<Outgoing, 'paths'>) => `pin=${shellQuote(`${outboundFolder(lab)}/net`)}
on_host() { if [ "$(stat -f -c %T "$pin" 2>/dev/null)" = nsfs ]; then nsenter --net="$pin" -- "$@"; else "$@"; fi; }`

/** Interfaces of which we switched forwarding on, one in a line; of all labs together. */
export const forwardingRecord = '/run/duostack-forwarding'

/** Prints `rule<TAB>…` for each of the lab's tables in this machine's own network. */
export const listTables = (lab: Outgoing) => `${onHost(lab)}
on_host nft list tables 2>/dev/null | grep -xE 'table inet ${tableOf(lab.id)}(_out)?' | while read -r table; do printf 'rule\\tnft %s\\n' "$table"; done
`

/** A bash pattern of the interfaces that labs have on this machine. */
export const labLinks = '+([0-9a-f])-@(mgmt|prov|v+([0-9]))'

/**
 * Removes them. Forwarding, which no lab needs then any more, goes back to what it was, unless another has switched it on
 * for the whole machine meanwhile.
 */
export const removeTables = (lab: Outgoing) => `${onHost(lab)}
on_host bash -s <<'HOST'
for table in ${tableOf(lab.id)} ${guardOf(lab.id)}; do nft delete table inet "$table" 2>/dev/null || :; done
conf=/proc/sys/net/ipv4/conf
if [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ]; then close() { :; }
else close() { echo 0 2>/dev/null >"$conf/$1/forwarding" || :; }; fi
for link in "$conf/${lab.id}"-*; do [ ! -e "$link" ] || close "\${link##*/}"; done
if [ -e ${forwardingRecord} ] && ! nft list tables | grep -qE ' duostack_[0-9a-f]{8}$'; then
  while read -r link; do close "$link"; done <${forwardingRecord}
  rm -f ${forwardingRecord}
fi
HOST
`
