/** What Nova offers of a compute node that is a container: the node's limits, not those of the machine below it. */

import type { Lab, LabNode } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'

/**
 * libvirtd and the file system of a container report all the memory, processors and disk of the machine, and Nova asks
 * them. No setting makes Placement offer less: reserving the rest would change with the machine, and still allow an
 * instance as large as the machine. So Nova's driver takes these three answers from the declaration.
 */
export function containerDriver({ name, memoryMiB, vcpus, diskGiB }: LabNode): ConfigFile {
  return {
    path: '/usr/lib/python3/dist-packages/nova/virt/container.py',
    node: name,
    content: `"""Nova's libvirt driver on a node that is a container. Written by duostack."""
from nova.virt.libvirt import driver

MEMORY_MIB = ${memoryMiB}
VCPUS = ${vcpus}
DISK_GIB = ${diskGiB}


class LibvirtDriver(driver.LibvirtDriver):
    """What the node may use, in place of what its machine has."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._host.get_memory_mb_total = lambda: MEMORY_MIB

    def _get_vcpu_available(self):
        return set(range(VCPUS))

    @staticmethod
    def _get_local_gb_info():
        free = min(driver.LibvirtDriver._get_local_gb_info()['free'], DISK_GIB)
        return {'total': DISK_GIB, 'free': free, 'used': DISK_GIB - free}
`,
  }
}

/** Relative to nova.virt. */
export const driverOf = (lab: Lab) => (lab.hypervisor === 'lxc' ? 'container.LibvirtDriver' : 'libvirt.LibvirtDriver')
