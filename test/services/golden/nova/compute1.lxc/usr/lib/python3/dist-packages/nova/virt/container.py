"""Nova's libvirt driver on a node that is a container. Written by duostack."""
from nova.virt.libvirt import driver

MEMORY_MIB = 3072
VCPUS = 2
DISK_GIB = 20


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
