"""Prints what appears and disappears, with the time: addresses and NAT rules in a router's namespace, or entries of VXLAN."""

import datetime
import subprocess
import sys
import time

name = sys.argv[1]
inside = ['ip', 'netns', 'exec', name]
commands = (
    [[*inside, 'ip', '-o', '-4', 'address', 'show'], [*inside, 'iptables-save', '-t', 'nat']]
    if name.startswith('qrouter-')
    else [['bridge', 'fdb', 'show']]
)


def entry(line):
    """`3: qg-1 inet 203.0.113.9/32 …` without its number and its device, which comes again; None for all else."""
    words = line.split()
    if ' inet ' in line:
        return ' '.join(words[2:])
    return ' '.join(words) if line.startswith('-A') or ' dev vxlan-' in line and ' dst ' in line else None


def read():
    lines = []
    for command in commands:
        lines += subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {entry(line) for line in lines} - {None}


def say(sign, entries):
    now = datetime.datetime.utcnow().isoformat(timespec='microseconds')
    for one in sorted(entries):
        print(f'[{now}] {name}: {sign} {one}', flush=True)


known = read()
while True:
    # As often as a program that costs a few milliseconds may run.
    time.sleep(0.1)
    seen = read()
    say('+', seen - known)
    say('-', known - seen)
    known = seen
