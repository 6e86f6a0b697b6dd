"""Records what a launch leaves on the wire of one node, until it is ended: wire.log, sockets.log, links.log.

With the name of a router's namespace also fdb.log and, where that namespace is, router.log.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time

import processes
import wire


class Recorder:
    def __init__(self, folder, ports):
        self.ports = ports
        self.processes = processes.Processes()
        self.file = open(os.path.join(folder, 'wire.log'), 'a', buffering=1)
        self.number = 0
        self.streams = {}
        self.names = self.processes.connected(ports)
        self.asked = {}
        self.gaps = 0

    def write(self, at, kind, fields):
        self.number += 1
        line = {'n': self.number, 't': round(at, 6), 'kind': kind, **{k: v for k, v in fields.items() if v is not None}}
        self.file.write(json.dumps(line, ensure_ascii=False) + '\n')
        return self.number

    def name_of(self, client, server):
        """The client's process; a client on another node is named there, in its own sockets.log."""
        if (client, server) not in self.names:
            self.names[client, server] = self.processes.owner(client, server)
        return self.names[client, server] or f'{client[0]}:{client[1]}'

    def emitter(self, client, server, is_request):
        """Writes lines of one direction; an answer names the line that it answers."""
        queue = self.asked.setdefault((client, server), [])

        def emit(kind, at, fields):
            ends = [self.name_of(client, server), self.processes.listener(server[1]) or f'{server[0]}:{server[1]}']
            source, target = ends if is_request else reversed(ends)
            fields = {'from': source, 'to': target, **fields}
            if kind in ('answer', 'cached'):
                fields['of'] = queue.pop(0) if queue else None
            number = self.write(at, kind, fields)
            if kind == 'request' or (kind == 'cache' and fields['verb'].startswith('get')):
                queue.append(number)

        return emit

    def direction(self, segment):
        key = (segment.source, segment.target)
        if key not in self.streams:
            to_server = segment.target[1] in self.ports
            server, client = (segment.target, segment.source) if to_server else (segment.source, segment.target)
            make = wire.PARSERS[self.ports[server[1]]]
            name = self.name_of(client, server)
            self.streams[key] = wire.Direction(make(to_server, self.emitter(client, server, to_server), name))
        return self.streams[key]

    def take(self, segment, at):
        if segment.opens and not segment.target[1] in self.ports:
            return
        if segment.opens:
            for key in ((segment.source, segment.target), (segment.target, segment.source)):
                self.streams.pop(key, None)
            self.names.pop((segment.source, segment.target), None)
            self.asked.pop((segment.source, segment.target), None)
        if not self.direction(segment).feed(segment, at):
            self.gaps += 1


class Sockets:
    """On a node that has no server: only which process opened which connection to one."""

    def __init__(self, folder, ports):
        self.processes = processes.Processes()
        self.file = open(os.path.join(folder, 'sockets.log'), 'a', buffering=1)
        for (here, _), process in self.processes.connected(ports).items():
            self.write(time.time(), here, process)

    def write(self, at, here, process):
        if process:
            self.file.write(json.dumps({'t': round(at, 6), 'local': f'{here[0]}:{here[1]}', 'process': process}) + '\n')

    def take(self, segment, at):
        if segment.opens:
            self.write(at, segment.source, self.processes.owner(segment.source, segment.target))


def watch(folder, space):
    """Programs that print changes with their times."""
    programs = {'links.log': ['ip', '-ts', '-o', 'monitor', 'link']}
    if space:
        changes = [sys.executable, '-B', os.path.join(os.path.dirname(__file__), 'changes.py')]
        programs['fdb.log'] = [*changes, 'vxlan']
        if os.path.exists(f'/run/netns/{space}'):
            programs['router.log'] = [*changes, space]
    return [
        subprocess.Popen(program, stdout=open(os.path.join(folder, name), 'ab'), stdin=subprocess.DEVNULL)
        for name, program in programs.items()
    ]


def main():
    folder, role, ports = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    ports = {int(port): kind for port, kind in ports.items()}
    serves = role == 'server'
    taker = Recorder(folder, ports) if serves else Sockets(folder, ports)
    sniffers = [wire.open_socket(name, ports, not serves) for name in (['lo', 'eth0'] if serves else ['eth0'])]
    watchers = watch(folder, sys.argv[4] if len(sys.argv) > 4 else '')
    ending = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(time.monotonic()))
    open(os.path.join(folder, 'ready'), 'w').close()
    while True:
        readable = select.select(sniffers, [], [], 0.2)[0]
        # What was sent before the end is still read, but for seconds only: a cloud is never quite silent.
        if ending and (not readable or time.monotonic() > ending[0] + 5):
            break
        for sniffer in readable:
            seen = wire.receive(sniffer)
            if seen:
                taker.take(*seen)
    for watcher in watchers:
        watcher.terminate()
    for watcher in watchers:
        watcher.wait()
    dropped = sum(wire.lost(sniffer) for sniffer in sniffers)
    with open(os.path.join(folder, 'summary.json'), 'w') as file:
        json.dump({'dropped': dropped, 'gaps': getattr(taker, 'gaps', 0), 'cpu': round(sum(os.times()[:2]), 2)}, file)


main()
