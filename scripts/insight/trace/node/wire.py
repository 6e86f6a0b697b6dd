"""TCP as it passes a node's interfaces: segments in their order, given to the parser of their protocol."""

import ctypes
import socket
import struct

import amqp
import protocols

SO_TIMESTAMPNS, SO_ATTACH_FILTER, SO_RCVBUFFORCE, SOL_PACKET = 35, 26, 33, 263
ETH_P_ALL, ETH_P_IP, OUTGOING = 0x0003, 0x0800, 4
# Where classic BPF finds the protocol of a packet, which is no part of it here.
PROTOCOL = 0xFFFFF000
PARSERS = {
    'http': protocols.Http,
    'memcached': protocols.Memcached,
    'mariadb': protocols.MariaDb,
    'amqp': amqp.Amqp,
}
# Of what a server sends, a database's rows and the bytes of an image are not looked at: their first bytes are enough.
SNAP = 4096


def program(ports, opening_only):
    """The kernel's own filter (classic BPF), so that nothing but the services' traffic ever reaches this program."""
    code = [
        (0x28, 0, 0, PROTOCOL),
        (0x15, 0, None, ETH_P_IP),
        (0x30, 0, 0, 9),  # the IP protocol
        (0x15, 0, None, 6),
        (0xB1, 0, 0, 0),  # x = length of the IP header
    ]
    if opening_only:
        code += [(0x50, 0, 0, 13), (0x54, 0, 0, 0x12), (0x15, 0, None, 0x02)]
    code += [(0x48, 0, 0, 2)] + [(0x15, 'whole', 0, port) for port in ports]
    code += [(0x48, 0, 0, 0)] + [(0x15, 'head' if kind == 'http' else 'whole', 0, port) for port, kind in ports.items() if kind != 'mariadb']
    code += [(0x06, 0, 0, 0)]
    places = {'whole': len(code), 'head': len(code) + 1, None: len(code) - 1}
    code += [(0x06, 0, 0, 0x40000), (0x06, 0, 0, SNAP)]
    resolve = lambda target, index: target if isinstance(target, int) else places[target] - index - 1
    return b''.join(
        struct.pack('HBBI', op, resolve(yes, index), resolve(no, index), value)
        for index, (op, yes, no, value) in enumerate(code)
    )


def open_socket(interface, ports, opening_only=False):
    """Sees every packet of one interface that the filter lets through, each with the kernel's own time."""
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    instructions = program(ports, opening_only)
    buffer = ctypes.create_string_buffer(instructions)
    filter_ = struct.pack('HL', len(instructions) // 8, ctypes.addressof(buffer))
    sniffer.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_)
    sniffer.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sniffer.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
    # Only who asks for every protocol is shown what the node itself sends.
    sniffer.bind((interface, ETH_P_ALL))
    return sniffer


def lost(sniffer):
    """Packets that the kernel dropped because this program was too slow; asking sets the count to zero."""
    return struct.unpack('II', sniffer.getsockopt(SOL_PACKET, 6, 8))[1]


class Segment:
    def __init__(self, packet):
        start = (packet[0] & 15) * 4
        total = struct.unpack('>H', packet[2:4])[0] or len(packet)
        sport, dport, self.sequence = struct.unpack('>HHI', packet[start : start + 8])
        offset = start + (packet[start + 12] >> 4) * 4
        flags = packet[start + 13]
        self.opens, self.closes = bool(flags & 2), bool(flags & 5)
        self.source = (socket.inet_ntoa(packet[12:16]), sport)
        self.target = (socket.inet_ntoa(packet[16:20]), dport)
        self.data = packet[offset:]
        self.missing = max(0, total - len(packet))


def receive(sniffer):
    """One segment and its time in seconds; None for the second sight of a packet that goes through the loopback."""
    packet, ancillary, _, address = sniffer.recvmsg(0x40000 + 4096, 128)
    if address[2] == OUTGOING and address[0] == 'lo':
        return None
    seconds = [struct.unpack('ll', data) for _, kind, data in ancillary if kind == SO_TIMESTAMPNS]
    at = seconds[0][0] + seconds[0][1] / 1e9 if seconds else 0
    return Segment(packet), at


class Direction:
    """One direction of a connection. What comes twice is dropped; after a gap the parser begins anew."""

    def __init__(self, parser):
        self.parser = parser
        self.next = None

    def feed(self, segment, at):
        data, missing, sequence = segment.data, segment.missing, segment.sequence
        size = len(data) + missing
        if segment.opens:
            self.next = (sequence + 1) & 0xFFFFFFFF
            return True
        if not size:
            return True
        ahead = 0 if self.next is None else (sequence - self.next) & 0xFFFFFFFF
        whole = ahead == 0
        if ahead >= 1 << 31:
            seen = (1 << 32) - ahead
            if seen >= size:
                return True
            data, whole = data[seen:], True
        elif ahead:
            self.parser.reset()
        self.next = (sequence + size) & 0xFFFFFFFF
        self.parser.feed(data, missing, at)
        return whole
