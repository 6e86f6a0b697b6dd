/** Which frames pass between an instance and its bridge: those that security groups and anti-spoofing can check. */

import type { ConfigFile, Step } from '../engine/service.ts'

const program = '/usr/local/sbin/port-frames'
const chain = 'port-frames'

/** How the agent loads an extension that learns of each port: a Python entry point, and its name in the settings. */
export const frameExtension = 'duostack_frames'
const pythonFolder = '/usr/lib/python3/dist-packages'
const distribution = `${pythonFolder}/${frameExtension}-1.dist-info`

/**
 * iptables checks IPv4 and IPv6, the agent's ebtables rules check ARP, but none of them looks inside a tag: a frame in
 * VLAN 0, which every Linux treats as untagged, passes them all, and one in another VLAN enters that VLAN on the wire.
 * So only frames that they can check pass, in both directions, as with Neutron's firewall for Open vSwitch. Ports
 * without port security carry everything. A trunk's subports lose their tag before the bridge, and are treated like
 * other ports.
 */
export const frames: { files: ConfigFile[]; setup: Step[]; before: string } = {
  files: [
    { path: program, mode: '0755', content: ruleProgram() },
    { path: `${pythonFolder}/${frameExtension}.py`, content: agentExtension() },
    { path: `${distribution}/METADATA`, content: `Metadata-Version: 2.1\nName: ${frameExtension}\nVersion: 1\n` },
    {
      path: `${distribution}/entry_points.txt`,
      content: `[neutron.agent.l2.extensions]\n${frameExtension} = ${frameExtension}:FreePorts\n`,
    },
  ],
  setup: [
    {
      name: 'only frames that can be filtered pass between instances and bridges',
      unless: `${program} check`,
      // The restarted agent reports again which ports have no port security.
      run: `${program}\nsystemctl try-restart neutron-linuxbridge-agent`,
    },
  ],
  /** After a reboot of the node the rules exist before any port is wired. Runs as root; the agent does not. */
  before: `ExecStartPre=+${program}`,
}

/** Prints what is wrong on a node with an agent. For the doctor. */
export const checkFrames = `[ ! -x ${program} ] || ${program} check 2>&1`

function ruleProgram(): string {
  return `#!/bin/sh
# Lets IPv4, ARP, IPv6 and RARP (by which QEMU tells where an instance has moved to) pass between taps and bridges, and
# nothing else. Ports without port security stand before these rules: Neutron's agent puts them there.
# \`check\` prints what is missing, and changes nothing.
set -eu
chain=${chain}
rules() { ebtables -t nat --concurrent "$@"; }

missing() {
  rules -L | awk -v chain=$chain '
    $1 == "Bridge" {here = $3}
    here == "PREROUTING," && $0 ~ "^-i tap[+] -j " chain {from = 1}
    here == "POSTROUTING," && $0 ~ "^-o tap[+] -j " chain {to = 1}
    here == chain "," && /^-/ && !/^-[io] tap/ {fixed++; last = $0}
    END {
      if (!from) print "frames from instances are not looked at"
      if (!to) print "frames to instances are not looked at"
      if (fixed != 5 || last !~ /^-j DROP/) print "the chain " chain " is not as it was made"
    }'
}

found=$(missing)
[ -n "$found" ] || exit 0
if [ "\${1:-}" = check ]; then
  echo "$found"
  exit 1
fi
while rules -D PREROUTING -i tap+ -j $chain 2>/dev/null; do :; done
while rules -D POSTROUTING -o tap+ -j $chain 2>/dev/null; do :; done
rules -F $chain 2>/dev/null || rules -N $chain
for type in 0x0800 0x0806 0x86dd 0x8035; do rules -A $chain -p $type -j RETURN; done
rules -A $chain -j DROP
rules -A PREROUTING -i tap+ -j $chain
rules -A POSTROUTING -o tap+ -j $chain
`
}

function agentExtension(): string {
  return `"""Ports without port security carry every frame: ${program} makes the rules for all others."""

from neutron.plugins.ml2.drivers.linuxbridge.agent import arp_protect
from neutron_lib.agent import l2_extension
from neutron_lib.utils import net
from oslo_concurrency import lockutils


class FreePorts(l2_extension.L2AgentExtension):
    def initialize(self, connection, driver_type):
        pass

    def handle_port(self, context, port):
        secured = port.get('port_security_enabled', True) or net.is_port_trusted(port)
        set_free(port['device'], not secured)

    def delete_port(self, context, port):
        set_free(port['device'], False)


@lockutils.synchronized('ebtables')
def set_free(device, free):
    listing = [line.strip() for line in arp_protect.ebtables(['-L']).splitlines()]
    # Without the chain nothing can be told, and arp_protect would try without end.
    if not any(line.startswith('Bridge chain: ${chain},') for line in listing):
        return
    for way in ('-i', '-o'):
        rule = [way, device, '-j', 'RETURN']
        if free != (' '.join(rule) in listing):
            arp_protect.ebtables(['-I' if free else '-D', '${chain}'] + rule)
`
}
