"""A tagged interface for a kernel without 802.1Q: a tap device whose frames cross BRIDGE with the VLAN tag ID.

usage: vlan-tap.py BRIDGE NAME ID

What `ip link add link BRIDGE name NAME type vlan id ID` would be. Ends when the bridge or the tap goes away. Offsets
of unfinished checksums and large segments travel beside each frame in a virtio header, as they do between machines:
without it the kernel would drop what an instance's virtual network card left to be finished.
"""

import errno
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x400454CA, 0x0002, 0x1000, 0x4000
SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_OUTGOING = 263, 8, 15, 4
ETH_P_ALL, ETH_P_8021Q = 0x0003, 0x8100
VNET_HEADER = 10  # struct virtio_net_hdr: flags, gso type, header length, gso size, checksum start, checksum offset
MACS = 12
TP_STATUS_VLAN_VALID = 1 << 4
LARGEST = 65536 + 100


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    return tap


def open_bridge(name):
    bridge = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    bridge.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    bridge.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    bridge.bind((name, ETH_P_ALL))
    return bridge


def read_bridge(bridge, vlan):
    """A frame that came in with our tag, without it; the kernel takes the tag off and hands it over beside the frame."""
    data, ancillary, _, address = bridge.recvmsg(LARGEST, socket.CMSG_SPACE(20))
    if address[2] == PACKET_OUTGOING:
        return None
    for level, kind, value in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tag, _ = struct.unpack("IIIHHHH", value[:20])
            if status & TP_STATUS_VLAN_VALID and tag & 0x0FFF == vlan:
                return data
    return None


def add_tag(frame, vlan):
    head = VNET_HEADER + MACS
    return frame[:head] + struct.pack("!HH", ETH_P_8021Q, vlan) + frame[head:]


def pass_on(send, where, frame):
    """A frame that is not taken is lost, as on any wire: the tap is not up (EIO), the bridge has no room (ENOBUFS)."""
    try:
        send(where, frame)
    except OSError as error:
        if error.errno not in (errno.EIO, errno.ENOBUFS):
            raise


def main():
    bridge_name, tap_name, vlan = sys.argv[1], sys.argv[2], int(sys.argv[3])
    tap, bridge = open_tap(tap_name), open_bridge(bridge_name)
    if os.fork():
        return
    os.setsid()
    for stream in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    while True:
        for ready in select.select([tap, bridge], [], [])[0]:
            if ready is bridge:
                frame = read_bridge(bridge, vlan)
                if frame:
                    pass_on(os.write, tap, frame)
            else:
                frame = add_tag(os.read(tap, LARGEST), vlan)
                pass_on(socket.socket.send, bridge, frame)


main()
