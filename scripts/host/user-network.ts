/**
 * The way out of a lab's namespace without forwarding on this machine: slirp4netns, a process that opens the connections of
 * the namespace in its own name.
 */

import type { Lab } from '../declaration/lab.ts'
import { guardOf, type OutboundLab, onHost, outboundFolder } from '../libvirt/outbound-rules.ts'
import { netnsPath } from '../run/paths.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

const link = 'tap0'

/** Link-local, which nobody has to reach: no range that this machine or a lab may use is hidden. */
const range = '169.254.77.0/24'

/** slirp4netns answers DNS there, by this machine's own resolver, also one on a loopback address. */
export const userNetworkResolver = '169.254.77.3'

/**
 * A group without a name that no other process has, by which the firewall knows it: systemd leaves these numbers unused,
 * and the kernel lets them send pings where it lets users.
 */
const groupOf = (id: string) => 0x70000000 + (Number.parseInt(id, 16) & 0x0fffffff)

/** What it needs until it has the tap; in its sandbox it drops all but the last. */
const rights = ['sys_admin', 'net_admin', 'dac_override', 'setpcap', 'net_bind_service']

/**
 * From this machine itself it reaches every address of this machine, whichever that is by now: not with these rules. Its
 * DNS server may be on loopback; slirp4netns asks nothing else there.
 */
function guard({ id, outbound }: Pick<OutboundLab, 'id' | 'outbound'>): string {
  const table = `inet ${guardOf(id)}`
  const denied = ['169.254.0.0/16', ...(outbound?.deny ?? [])].join(', ')
  return `on_host nft -f - <<'RULES'
table ${table}
delete table ${table}
table ${table} {
  set denied {
    type ipv4_addr; flags interval; auto-merge
    elements = { ${denied} }
  }
  chain output {
    type filter hook output priority mangle; policy accept
    meta skgid != ${groupOf(id)} accept
    ip daddr 127.0.0.0/8 meta l4proto { tcp, udp } th dport 53 accept
    fib daddr type local reject with icmpx type admin-prohibited
    meta l4proto { tcp, udp } th dport 53 accept
    ip daddr @denied reject with icmpx type admin-prohibited
  }
}
RULES
`
}

const running = (lab: OutboundLab & Pick<Lab, 'paths'>) => `
folder=${shellQuote(outboundFolder(lab))} netns=${shellQuote(netnsPath(lab))}
ours() {
  local pid= comm=
  { read -r pid <"$folder/pid"; read -r comm <"/proc/$pid/comm"; } 2>/dev/null
  [ "$comm" = slirp4netns ] && grep -qF "$netns" "/proc/$pid/cmdline"
}
end_ours() { local pid; ours || return 0; read -r pid <"$folder/pid"; kill "$pid" 2>/dev/null || :; for _ in {1..50}; do ours || break; sleep 0.1; done; }
`

/** Starts it where it does not run. Needs the namespace. */
export function startUserNetwork(lab: OutboundLab & Pick<Lab, 'paths'>): string {
  const options = ['--configure', '--mtu=1500', `--cidr=${range}`, '--disable-host-loopback', '--netns-type=path']
  const closed = ['--enable-sandbox', '--enable-seccomp']
  const bounds = `-all,${rights.map((one) => `+${one}`).join(',')}`
  return `set -eu
${onHost(lab)}
${running(lab)}
install -d -m 0755 "$folder"
if ! mountpoint -q "$pin"; then
  if [ "$(stat -L -c %i /proc/self/ns/net)" = "$(stat -L -c %i "$netns")" ]; then
    echo 'the way out can be opened only from outside the namespace of the lab: ./lab up' >&2
    exit 1
  fi
  : >"$pin"
  mount --bind /proc/self/ns/net "$pin"
fi
${guard(lab)}
if ours && nsenter --net="$netns" ip link show ${link} >/dev/null 2>&1; then exit 0; fi
end_ours
rm -f "$folder/ready"
# Not by the function, whose shell would be the process that is noted.
# In mounts of its own, which follow this machine's: where /run is a plain folder, the sandbox would unmount what lies below
# shared mounts for everybody, the names of network namespaces and the roots of container nodes.
nsenter --net="$pin" -- setsid unshare --mount --propagation slave setpriv --regid=${groupOf(lab.id)} --clear-groups --bounding-set=${bounds} -- \\
  slirp4netns ${[...options, ...closed].join(' ')} --ready-fd=3 "$netns" ${link} </dev/null >"$folder/log" 2>&1 3>"$folder/ready" &
echo $! >"$folder/pid"
for _ in {1..100}; do [ ! -s "$folder/ready" ] || exit 0; kill -0 $! 2>/dev/null || break; sleep 0.1; done
echo 'slirp4netns has not set up the way out' >&2; tail -n 10 "$folder/log" >&2; exit 1
`
}

/** Ends it. */
export const stopUserNetwork = (lab: OutboundLab & Pick<Lab, 'paths'>) => `${running(lab)}
end_ours
`
