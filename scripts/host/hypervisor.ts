/** What `auto` becomes on this machine, and what containers can do here; each answer with its reason. */

import type { Hypervisor, Isolation } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import type { HostFacts } from './facts.ts'

export interface Choice<T> {
  value: T
  /** Why, in words for the person who reads it. */
  because: string
}

/** `auto`: the system's libvirtd where there is or can be one that this user may use, else the lab brings its own. */
export function resolveIsolation(
  declared: Isolation | 'auto',
  { libvirt, systemd }: Pick<HostFacts, 'libvirt' | 'systemd'>,
): Choice<Isolation> {
  if (declared !== 'auto') return { value: declared, because: 'declared' }
  if (!libvirt.answers && !systemd) {
    return { value: 'netns', because: 'no libvirtd answers, and no systemd is here to start one' }
  }
  if (!libvirt.connects) return { value: 'netns', because: "this user may not use the system's libvirtd" }
  return { value: 'none', because: libvirt.answers ? "this machine's libvirtd answers" : 'systemd can start libvirtd' }
}

/** The probes, apart from what they decide, so that a test can give answers and a machine is never asked needlessly. */
export interface HypervisorProbes {
  kvm(): Promise<boolean>
  containers(): Promise<boolean>
}

/** What the answer depends on. `stock`: the nodes are made of a stock image, which containers cannot be. */
export type HypervisorFacts = Pick<HostFacts, 'cpuVirtualization'> & { stock?: boolean }

/** `auto`: the first that works here of kvm, lxc, qemu. Without the CPU's flag /dev/kvm is not opened at all. */
export async function resolveHypervisor(
  declared: Hypervisor | 'auto',
  facts: HypervisorFacts,
  probes: HypervisorProbes = { kvm: probeKvm, containers: probeContainers },
): Promise<Choice<Hypervisor>> {
  if (declared !== 'auto') return { value: declared, because: 'declared' }
  if (facts.cpuVirtualization && (await probes.kvm())) return { value: 'kvm', because: 'a probe guest runs with KVM' }
  const noKvm = facts.cpuVirtualization ? 'no guest starts with KVM' : 'the processor shows no virtualization'
  if (facts.stock) {
    return { value: 'qemu', because: `${noKvm}, and a stock image cannot be a container: about 12 times slower` }
  }
  if (await probes.containers()) return { value: 'lxc', because: `${noKvm}, containers work` }
  return { value: 'qemu', because: `${noKvm}, and containers do not work here: emulated nodes, about 12 times slower` }
}

/** A guest without a disk: its firmware's first words on the debug port prove that the processor really ran it. */
async function probeKvm(): Promise<boolean> {
  const firmware = '-chardev stdio,id=words -device isa-debugcon,iobase=0x402,chardev=words'
  const guest = `qemu-system-x86_64 -accel kvm -machine pc -nodefaults -display none -m 64 ${firmware}`
  return holds('KVM', `timeout 10 ${guest} </dev/null 2>/dev/null | grep -q -m1 SeaBIOS`)
}

/** What a container node is made of: namespaces, an overlay, a pair of interfaces, memory accounting of its own. */
async function probeContainers(): Promise<boolean> {
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

/** What container nodes lack is what this machine's kernel lacks. Virtual machines bring their own. */
export async function probeCapabilities(hypervisor: Hypervisor): Promise<{ vlan: boolean; lvm: boolean }> {
  if (hypervisor !== 'lxc') return { vlan: true, lvm: true }
  const vlan = await holds(
    'VLAN interfaces',
    `unshare --net bash -ec 'ip link add probe0 type veth peer name probe1; ip link add link probe0 name probe0.5 type vlan id 5'`,
  )
  // The kernel's iSCSI speaks in its first network namespace only, so a container has no block volumes of its own.
  return { vlan, lvm: false }
}

async function holds(what: string, script: string): Promise<boolean> {
  const { exitCode } = await runOnHost('bash', ['-s'], {
    step: `probe ${what}`,
    root: true,
    input: `(${script}) >/dev/null 2>&1 && exit 0; exit 1\n`,
    timeoutSeconds: 40,
    allow: [0, 1],
  })
  return exitCode === 0
}
