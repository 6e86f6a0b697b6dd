/** Which kinds of node work on this machine, found by trying the minimum that each of them needs. */

import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'

/** A guest without a disk: the firmware's first output on the debug port proves that the processor really ran it. */
export async function probeKvm(): Promise<boolean> {
  const firmware = '-chardev stdio,id=words -device isa-debugcon,iobase=0x402,chardev=words'
  const guest = `qemu-system-x86_64 -accel kvm -machine pc -nodefaults -display none -m 64 ${firmware}`
  return holds('KVM', `timeout 10 ${guest} </dev/null 2>/dev/null | grep -q -m1 SeaBIOS`)
}

/** What a container node is made of: namespaces, an overlay, a pair of interfaces, memory accounting of its own. */
export async function probeContainers(): Promise<boolean> {
  return holds(
    'containers',
    `timeout 20 unshare --mount --pid --net --uts --ipc --fork --kill-child bash -ec '
mount -t tmpfs none /mnt
mkdir /mnt/lower /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
ip link add probe0 type veth peer name probe1
ip link add probe2 type bridge
for tree in /sys/fs/cgroup/memory /sys/fs/cgroup; do
  group=$tree/duostack-probe-$BASHPID
  mkdir "$group" 2>/dev/null || continue
  found=; for file in "$group"/memory.*; do [ -e "$file" ] && found=1; done
  rmdir "$group"
  [ -n "$found" ] && exit 0
done
exit 1
'`,
  )
}

/** VLAN interfaces in a container, which this machine's kernel may lack. */
export async function probeVlan(): Promise<boolean> {
  return holds(
    'VLAN interfaces',
    `unshare --net bash -ec 'ip link add probe0 type veth peer name probe1; ip link add link probe0 name probe0.5 type vlan id 5'`,
  )
}

/** The tunnels of self-service networks in a container; the kernel loads its module for this. */
export async function probeVxlan(): Promise<boolean> {
  return holds(
    'VXLAN interfaces',
    `unshare --net bash -ec 'ip link add probe0 type vxlan id 5 dstport 4789 local 127.0.0.1'`,
  )
}

async function holds(what: string, script: string): Promise<boolean> {
  const { exitCode } = await runOnHost('bash', ['-s'], {
    step: `probe ${what}`,
    root: true,
    input: `(${script}) >/dev/null 2>&1 && exit 0; exit 1\n`,
    timeoutSeconds: timeouts.machine.probe.seconds,
    allow: [0, 1],
  })
  return exitCode === 0
}
