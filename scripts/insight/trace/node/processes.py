"""Which process owns a TCP socket of this node: its systemd unit and pid, from /proc alone."""

import os
import re
import socket
import struct

UNIT = re.compile(r'/([^/]+)\.service')


def address_of(text):
    """`0B00000A:1388`, as /proc/net/tcp writes it, -> ('10.0.0.11', 5000)."""
    ip, port = text.split(':')
    return socket.inet_ntoa(struct.pack('<I', int(ip, 16))), int(port, 16)


def unit_of(pid):
    """The unit that a process belongs to; a process outside every unit is known by its own name."""
    try:
        with open(f'/proc/{pid}/cgroup') as file:
            found = UNIT.findall(file.read())
        if found:
            return found[-1]
        with open(f'/proc/{pid}/comm') as file:
            return file.read().strip()
    except OSError:
        return 'gone'


class Processes:
    def __init__(self):
        self.units = {}
        self.listening = {}
        self.known = {}

    def rows(self):
        with open('/proc/net/tcp') as file:
            next(file)
            for line in file:
                fields = line.split()
                yield address_of(fields[1]), address_of(fields[2]), fields[3], int(fields[7]), int(fields[9])

    def holder(self, inode, uid):
        """The pid that has the socket open. Those of the same user that had one before come first: that is quick."""
        known = self.known.setdefault(uid, [])
        wanted = f'socket:[{inode}]'
        for pid in known + [int(one) for one in os.listdir('/proc') if one.isdigit() and int(one) not in known]:
            try:
                if os.stat(f'/proc/{pid}').st_uid != uid:
                    continue
                for number in os.listdir(f'/proc/{pid}/fd'):
                    if os.readlink(f'/proc/{pid}/fd/{number}') == wanted:
                        known.insert(0, known.pop(known.index(pid)) if pid in known else pid)
                        return pid
            except OSError:
                continue
        return None

    def holders(self):
        """Of every socket at once: socket's inode -> pid."""
        found = {}
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                for number in os.listdir(f'/proc/{pid}/fd'):
                    target = os.readlink(f'/proc/{pid}/fd/{number}')
                    if target.startswith('socket:['):
                        found.setdefault(int(target[8:-1]), int(pid))
            except OSError:
                continue
        return found

    def connected(self, ports):
        """(local, remote) -> `nova-api[1234]` of all connections to one of these ports that stand now."""
        holders = self.holders()
        return {
            (here, there): self.name(holders[inode])
            for here, there, _, _, inode in self.rows()
            if there[1] in ports and inode in holders
        }

    def name(self, pid):
        if pid is None:
            return None
        if pid not in self.units:
            self.units[pid] = unit_of(pid)
        return f'{self.units[pid]}[{pid}]'

    def owner(self, local, remote):
        """`nova-api[1234]`, or None where the connection has already ended."""
        for here, there, _, uid, inode in self.rows():
            if here == local and there == remote and inode:
                return self.name(self.holder(inode, uid))
        return None

    def listener(self, port):
        """Who answers on a port: the unit alone, as any of its processes may take the connection."""
        if port not in self.listening:
            for here, _, state, uid, inode in self.rows():
                if here[1] == port and state == '0A':
                    pid = self.holder(inode, uid)
                    self.listening[port] = unit_of(pid) if pid else None
                    break
        return self.listening.get(port)
