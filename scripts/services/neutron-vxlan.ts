/** Who may send into the overlay: VXLAN has no authentication, and the kernel takes its packets on every interface. */

import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { ConfigFile, Step } from '../engine/service.ts'

/** UDP, between the nodes on the management network. */
export const vxlanPort = 4789

const program = '/usr/local/sbin/vxlan-peers'

/** Rules that take VXLAN on the management interface from the lab's nodes alone; nothing where there is no overlay. */
export function vxlanPeers(lab: Lab): { files: ConfigFile[]; setup: Step[]; before: string[] } {
  if (!isSelfService(lab)) return { files: [], setup: [], before: [] }
  return {
    files: [{ path: program, mode: '0755', content: peerProgram(lab.nodes.map(({ address }) => address)) }],
    setup: [{ name: "VXLAN is taken from the lab's nodes alone", unless: `${program} check`, run: program }],
    /** After a restart of the node they are there before the agent makes any tunnel. */
    before: [`ExecStartPre=+${program}`],
  }
}

/**
 * Where packets for the node itself come in, and before the agent's own rules: what instances send each other in tunnels of
 * theirs only crosses bridges and is not looked at.
 */
function peerProgram(addresses: readonly string[]): string {
  return `#!/bin/sh
# Takes VXLAN on eth0 from the lab's nodes and drops all other. \`check\` prints what is missing, and changes nothing.
set -eu
chain=vxlan-peers
jump="INPUT -p udp -m udp --dport ${vxlanPort} -j $chain"
rules() { iptables -w -t mangle "$@"; }

wanted() {
  for address in ${addresses.join(' ')}; do echo "-A $chain -s $address/32 -i eth0 -j RETURN"; done
  echo "-A $chain -j DROP"
}
present() { rules -S $chain 2>/dev/null | grep '^-A' || true; }

if [ "$(present)" = "$(wanted)" ] && rules -C $jump 2>/dev/null; then exit 0; fi
if [ "\${1:-}" = check ]; then
  echo "the rules for VXLAN are not as they were made"
  exit 1
fi
rules -N $chain 2>/dev/null || rules -F $chain
wanted | while read -r rule; do rules $rule; done
while rules -D $jump 2>/dev/null; do :; done
rules -I $jump
`
}
