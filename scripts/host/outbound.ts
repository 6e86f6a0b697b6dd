/** The way out of the lab on this machine, opened and closed again: `lab_outbound`. */

import { existsSync } from 'node:fs'
import type { Lab } from '../declaration/lab.ts'
import { removeRules } from '../libvirt/bridge-accept.ts'
import {
  acceptOutbound,
  forwardingRecord,
  labLinks,
  outboundComment,
  outboundFolder,
  outboundTable,
  passQuestions,
  removeTables,
  tableOf,
} from '../libvirt/outbound-rules.ts'
import { netnsPath } from '../run/paths.ts'
import { runOnHost } from '../run/process.ts'
import { sshHost } from '../run/ssh.ts'
import { timeouts } from '../run/timeouts.ts'
import { withoutOutbound } from '../services/outbound-node.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { readState } from '../terraform/state.ts'
import { startUserNetwork, stopUserNetwork, userNetworkResolver } from './user-network.ts'

type OutboundLab = Pick<Lab, 'id' | 'isolation' | 'networks' | 'outbound' | 'dns' | 'paths'>

/** Opens it, or brings it to what is declared. Safe to repeat; needs the lab's networks. Gives what a person should know. */
export async function openOutbound(lab: OutboundLab): Promise<string[]> {
  const isolated = lab.isolation === 'netns'
  const said = await inLabNetwork(lab, 'open the way out', isolated ? openIsolated(lab) : openOnHost(lab))
  await openNamespace(lab)
  return said.split('\n').filter(Boolean)
}

/**
 * The process through which a namespace gets out; nothing where there is none. Started before anything of ours runs in the
 * namespace, from where it could not be: nothing is forwarded to it yet.
 */
export async function openNamespace(lab: OutboundLab): Promise<void> {
  if (!lab.outbound || lab.isolation === 'none') return
  await asRoot('user-space network of the lab', 'bash', ['-s'], startUserNetwork(lab))
}

/**
 * Closes it on this machine. `outboundFolder` stays until the nodes know it too.
 *
 * @public for the tests in namespaces, which import it from a script.
 */
export async function closeOutbound(lab: OutboundLab): Promise<void> {
  const isolated = lab.isolation === 'netns'
  if (isolated) await asRoot('end the user-space network of the lab', 'bash', ['-s'], stopUserNetwork(lab))
  if (isolated && existsSync(netnsPath(lab))) await inLabNetwork(lab, 'close the way out', closeIsolated(lab))
  const onHost = isolated ? '' : removeRules(lab.id, outboundComment(lab.id))
  await asRoot(
    'close the way out',
    'bash',
    ['-s'],
    `${onHost}${removeTables(lab)}if mountpoint -q "$pin"; then umount "$pin"; fi
`,
  )
}

/**
 * What Terraform cannot see: open where it was made and closed where it is no longer declared. After a reboot of this
 * machine, or where somebody has flushed a firewall, it is made anew.
 */
export async function settleOutbound(lab: Lab): Promise<string[]> {
  const isMade = readState(lab, 'nodes').some(({ name, tainted }) => name === 'outbound' && !tainted)
  if (lab.outbound) return isMade ? openOutbound(lab) : []
  if (existsSync(outboundFolder(lab))) await closeOutbound(lab)
  return []
}

/** The nodes' part of closing, where they can be reached: to be called inside the lab. */
export async function forgetOutbound(lab: Lab): Promise<void> {
  const folder = outboundFolder(lab)
  if (lab.outbound || !existsSync(folder)) return
  const step = 'take away the way out'
  await Promise.all(lab.nodes.map((node) => sshHost(lab, node).run(withoutOutbound, { step })))
  await asRoot(step, 'rm', ['-rf', folder])
}

const asRoot = async (step: string, file: string, args: string[], input = '') =>
  (await runOnHost(file, args, { step, root: true, input, timeoutSeconds: timeouts.machine.command.seconds })).stdout

const inLabNetwork = (lab: OutboundLab, step: string, script: string) =>
  lab.isolation === 'netns'
    ? asRoot(step, 'nsenter', [`--net=${netnsPath(lab)}`, '--', 'bash', '-s'], script)
    : asRoot(step, 'bash', ['-s'], script)

const loadTable = (lab: OutboundLab) => `${passQuestions(lab)}
nft -f - <<RULES
${outboundTable(lab)}
RULES
${acceptOutbound(lab)}`

/** The namespace is the lab's own: what it forwards, the lab does. */
const openIsolated = (lab: OutboundLab) => `set -eu
install -d -m 0755 ${shellQuote(outboundFolder(lab))}
resolver=${lab.dns ? '' : userNetworkResolver} closed=
${loadTable(lab)}
echo 1 >/proc/sys/net/ipv4/ip_forward
`

const closeIsolated = (lab: OutboundLab) => `echo 0 >/proc/sys/net/ipv4/ip_forward
${removeRules(lab.id, outboundComment(lab.id))}
nft delete table inet ${tableOf(lab.id)} 2>/dev/null || :
`

/**
 * The resolver that this machine itself asks, unless it is one of its own addresses: those, instances do not reach.
 */
const findResolver = `resolver=
for server in $(cat /run/systemd/resolve/resolv.conf /etc/resolv.conf 2>/dev/null | awk '$1 == "nameserver" && $2 ~ /^[0-9.]+$/ { print $2 }'); do
  case $(ip -4 route get "$server" 2>/dev/null) in '' | local*) continue ;; esac
  resolver=$server
  break
done
[ -n "$resolver" ] || echo 'lab_outbound: no DNS server of this machine can be reached from the lab: set lab_dns'
`

/**
 * Forwarding is switched on by interface, never for the whole machine: whoever needs that switches it on as if the lab were
 * not there, and what arrives on interfaces to come is not forwarded. Between the interfaces of which we did it nothing
 * passes.
 */
const openForwarding = `closed= conf=/proc/sys/net/ipv4/conf record=${forwardingRecord}
shopt -s extglob
if [ "$(cat /proc/sys/net/ipv4/ip_forward)" != 1 ]; then
  opened=
  for link in $(ip -4 -o addr show | awk '$2 != "lo" { print $2 }' | sort -u); do
    [ "$(cat "$conf/$link/forwarding")" = 1 ] || { echo 1 >"$conf/$link/forwarding"; echo "$link" >>"$record"; }
  done
  for link in $(cat "$record" 2>/dev/null); do case $link in ${labLinks}) ;; *) opened="$opened $link" ;; esac; done
  for link in $opened; do for other in $opened; do
    [ "$link" = "$other" ] || closed="$closed iifname \\"$link\\" oifname \\"$other\\" drop;"
  done; done
fi
`

const openOnHost = (lab: OutboundLab) => `set -eu
install -d -m 0755 ${shellQuote(outboundFolder(lab))}
${lab.dns ? 'resolver=' : findResolver}
${openForwarding}
${loadTable(lab)}`
