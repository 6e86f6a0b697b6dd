"""Prints what changes on a node, a JSON document on each line, until its standard input is closed.

Byte counters of the interfaces, and new lines of the services' logs, of dnsmasq's journal and of the recorder.
"""

import glob
import json
import os
import select
import subprocess
import sys
import time

TICK, COUNTERS, LISTING, LARGEST = 0.5, 2.0, 5.0, 1 << 19


def say(document):
    print(json.dumps(document, ensure_ascii=False), flush=True)


class Log:
    """What is added to a file; it begins where the file ends now, or at the file's beginning."""

    def __init__(self, path, whole):
        self.path, self.place, self.line = path, 0, 1
        if not whole:
            with open(path, 'rb') as file:
                for block in iter(lambda: file.read(1 << 20), b''):
                    end = block.rfind(b'\n') + 1
                    if end:
                        self.place = file.tell() - len(block) + end
                    self.line += block.count(b'\n')

    def read(self):
        try:
            size = os.stat(self.path).st_size
            if size < self.place:
                self.place, self.line = 0, 1
            if size == self.place:
                return
            with open(self.path, 'rb') as file:
                file.seek(self.place)
                text = file.read(LARGEST)
        except OSError:
            return
        # The last line may be incomplete yet.
        text = text[: text.rfind(b'\n') + 1]
        if text:
            lines = text.decode('utf-8', 'replace').split('\n')[:-1]
            say({'file': self.path, 'first': self.line, 'lines': lines})
            self.place += len(text)
            self.line += len(lines)


class Journal:
    def __init__(self, name, tags):
        command = ['journalctl', '-f', '-n', '0', '-q', '--no-pager', '-o', 'short-unix']
        self.name, self.line, self.rest = f'journal:{name}', 1, b''
        self.child = subprocess.Popen(
            [*command, *(word for tag in tags for word in ('-t', tag))], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        os.set_blocking(self.child.stdout.fileno(), False)

    def read(self):
        text = self.rest + (self.child.stdout.read() or b'')
        *lines, self.rest = text.split(b'\n')
        if lines:
            say({'file': self.name, 'first': self.line, 'lines': [line.decode('utf-8', 'replace') for line in lines]})
            self.line += len(lines)


def counters():
    with open('/proc/net/dev') as file:
        rows = [line.replace(':', ' ', 1).split() for line in file.readlines()[2:]]
    found = {}
    for name, *numbers in rows:
        try:
            with open(f'/sys/class/net/{name}/operstate') as file:
                up = 0 if file.read().strip() == 'down' else 1
        except OSError:
            continue
        if name != 'lo':
            found[name] = [int(numbers[0]), int(numbers[8]), up]
    say({'t': time.monotonic(), 'net': found})


def main():
    patterns, recorded = json.loads(sys.argv[1]), sys.argv[2]
    logs = {path: Log(path, False) for pattern in patterns for path in glob.glob(pattern)}
    spaces = os.listdir('/run/netns') if os.path.isdir('/run/netns') else []
    proxies = [f'haproxy-metadata-proxy-{space[8:]}' for space in spaces if space.startswith('qrouter-')]
    journals = [Journal('dnsmasq', ['dnsmasq', 'dnsmasq-dhcp'])] + ([Journal('haproxy', proxies)] if proxies else [])
    counted = listed = 0
    try:
        while not select.select([sys.stdin], [], [], TICK)[0]:
            now = time.monotonic()
            if now - counted >= COUNTERS:
                counted = now
                counters()
            looked = [recorded]
            if now - listed >= LISTING:
                listed = now
                looked += patterns
            for path in (path for pattern in looked for path in glob.glob(pattern) if path not in logs):
                logs[path] = Log(path, True)
            for source in [*logs.values(), *journals]:
                source.read()
    finally:
        for journal in journals:
            journal.child.terminate()


main()
