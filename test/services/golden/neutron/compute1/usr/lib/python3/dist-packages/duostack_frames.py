"""Ports without port security carry every frame: /usr/local/sbin/port-frames makes the rules for all others."""

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
    if not any(line.startswith('Bridge chain: port-frames,') for line in listing):
        return
    for way in ('-i', '-o'):
        rule = [way, device, '-j', 'RETURN']
        if free != (' '.join(rule) in listing):
            arp_protect.ebtables(['-I' if free else '-D', 'port-frames'] + rule)
