/**
 * Firewall rules that let the lab's bridges forward frames if this machine filters bridged frames, as Docker makes it
 * do.
 */

import type { Lab } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

type LabKey = Pick<Lab, 'id' | 'isolation' | 'networks'>

/** Marks the rules as the lab's. */
export const commentOf = (id: string) => `duostack-${id}`

/**
 * bash functions over every chain that forwarded packets pass: `each_xtables COMMAND…` for iptables' own, where a
 * legacy one counts only if its table is in use; `each_nft COMMAND…` for those of other programs.
 */
export const firewallFunctions = `
each_xtables() {
  local tool
  for tool in iptables ip6tables iptables-legacy ip6tables-legacy; do
    command -v "$tool" >/dev/null || continue
    case $tool in
      iptables-legacy) grep -qsx filter /proc/net/ip_tables_names || continue ;;
      ip6tables-legacy) grep -qsx filter /proc/net/ip6_tables_names || continue ;;
    esac
    "$@" "$tool"
  done
}
each_nft() {
  command -v nft >/dev/null || return 0
  local family table chain
  while read -r family table chain; do "$@" "$family" "$table" "$chain"; done < <(nft list chains 2>/dev/null | awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2 }
    /type filter hook forward/ && family ~ /^(ip|ip6|inet)$/ && table !~ /^duostack_/ &&
      !(table == "filter" && chain == "FORWARD") { print family, table, chain }')
}
`

/** Prints `rule<TAB>…` for each of the lab's rules. Needs \`firewallFunctions\`. */
export const listRules = (id: string) => `
list_xtables() { "$1" -w -S FORWARD 2>/dev/null | grep -F -- ${commentOf(id)} | while read -r rule; do printf 'rule\\t%s %s\\n' "$1" "$rule"; done; }
list_nft() { nft -a list chain "$@" 2>/dev/null | grep -F '"${commentOf(id)}' | while read -r rule; do printf 'rule\\tnft %s %s\\n' "$*" "$rule"; done; }
each_xtables list_xtables
each_nft list_nft
`

/** Removes them; `comment`: those alone whose comment begins so. */
export const removeRules = (id: string, comment = commentOf(id)) => `${firewallFunctions}
drop_xtables() { "$1" -w -S FORWARD 2>/dev/null | grep -F -- ${comment} | sed 's/^-A/-D/' | xargs -r -L 1 "$1" -w; }
drop_nft() {
  nft -a list chain "$@" 2>/dev/null | sed -n '/"${comment}/s/.*# handle //p' | while read -r handle; do nft delete rule "$@" handle "$handle"; done
}
each_xtables drop_xtables
each_nft drop_nft
`

/** Adds what is missing, in front of all other rules of each chain, and prints how many were added. */
function addRules({ id, networks }: LabKey): string {
  const bridges = [networks.management.bridge, networks.provider.bridge]
  return `${firewallFunctions}
added=0
add_xtables() {
  local bridge rule
  # Nothing there drops; a rule would make iptables' table where there is none.
  [ "$("$1" -w -S FORWARD 2>/dev/null)" != '-P FORWARD ACCEPT' ] || return 0
  for bridge in ${bridges.map(shellQuote).join(' ')}; do
    rule="-i $bridge -o $bridge -m comment --comment ${commentOf(id)} -j ACCEPT"
    "$1" -w -C FORWARD $rule 2>/dev/null || { "$1" -w -I FORWARD $rule && added=$((added + 1)); }
  done
}
add_nft() {
  local bridge
  # It lets its bridges through already.
  [ "$2" != libvirt_network ] || return 0
  for bridge in ${bridges.map(shellQuote).join(' ')}; do
    nft list chain "$@" | grep -F "\\"$bridge\\"" | grep -qF '"${commentOf(id)}"' && continue
    nft insert rule "$@" iifname "$bridge" oifname "$bridge" accept comment '"${commentOf(id)}"' && added=$((added + 1))
  done
}
if grep -qsx 1 /proc/sys/net/bridge/bridge-nf-call-iptables /proc/sys/net/bridge/bridge-nf-call-ip6tables; then
  each_xtables add_xtables
  each_nft add_nft
fi
echo "$added"
`
}

/** Safe to repeat. Works on the firewall of the network namespace that it is called in. Gives how many rules were added. */
export async function ensureBridgeAccept(lab: LabKey): Promise<number> {
  const { stdout } = await runOnHost('bash', ['-s'], {
    step: 'let the bridges of the lab through the firewall',
    root: true,
    input: addRules(lab),
    timeoutSeconds: timeouts.machine.command.seconds,
  })
  return Number(stdout.trim().split('\n').at(-1))
}
