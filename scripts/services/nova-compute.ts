/** The compute nodes' parts of Nova: libvirtd, and nova-compute above it. */

import { urlOf } from '../declaration/endpoints.ts'
import { type Lab, nodesWith } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, IniContent, Part } from '../engine/service.ts'
import { computeNovaConf } from './nova-config.ts'
import { containerDriver, driverOf } from './nova-container.ts'
import { forgetPeers } from './nova-migration.ts'
import { slowUnit, waitForAnswer } from './service-timeouts.ts'
import { unitDropIn } from './unit-drop-in.ts'

/** A separate part, so that a changed nova.conf does not restart libvirtd; it needs nothing from the controller. */
export const libvirtPart = (lab: Lab): Part => ({
  on: 'compute',
  alongside: true,
  packages: ['libvirt-daemon-system', 'libvirt-clients', 'qemu-system-x86'],
  files: [
    // By default libvirtd exits after two idle minutes and its sockets start it again: the unit would look dead.
    { path: '/etc/default/libvirtd', content: 'LIBVIRTD_ARGS=\n' },
    ...(lab.hypervisor === 'lxc' ? [unconfinedGuests] : []),
  ],
  units: ['libvirtd'],
  // It delays the node's shutdown by up to five minutes for each instance that ignores the power button.
  absentUnits: ['libvirt-guests'],
})

/**
 * If this machine has AppArmor, its own profile for libvirtd also applies to a container's libvirtd, which then
 * requires a profile for each instance; but a container may not load profiles, and has no program for it.
 */
const unconfinedGuests: ConfigFile = {
  path: '/etc/libvirt/qemu.conf',
  content: 'security_driver = "none"\n',
  mode: '0600',
}

export function novaComputePart(lab: Lab, secrets: Secrets): Part {
  return {
    on: 'compute',
    // Creates config drives; nova-compute alone does not depend on it.
    packages: ['genisoimage', 'nova-compute', 'nova-compute-kvm'],
    files: [
      ...nodesWith(lab, 'compute').map((node) => computeNovaConf(lab, secrets, node)),
      ...hypervisorFiles(lab),
      slowUnit(lab, 'nova-compute', [waitForNeutron(lab)]),
      instancesAfterNova,
    ],
    setup: forgetPeers(lab),
    units: ['nova-compute'],
  }
}

/**
 * When a node shuts down, systemd ends the instances in the same moment as nova-compute, which may still see that they
 * are off: it would take them for stopped by their users, and not start them with the node again.
 */
const instancesAfterNova = unitDropIn('machine-.scope', { Unit: ['Before=nova-compute.service'] })

/**
 * Instances are emulated if the node has no hardware virtualization to pass on: a container is never given /dev/kvm,
 * and an emulated VM has none. A kvm VM depends on nested virtualization, which only the node itself can detect, so the
 * init script's settings file decides when the service starts.
 */
function hypervisorFiles(lab: Lab): ConfigFile[] {
  const emulated: ConfigFile = { path: '/etc/nova/nova-compute.conf', content: emulatedGuests(lab) }
  if (lab.hypervisor === 'lxc') return [emulated, ...nodesWith(lab, 'compute').map(containerDriver)]
  if (lab.hypervisor === 'qemu') return [emulated]
  const native = '/etc/nova/nova-compute-kvm.conf'
  return [
    emulated,
    { path: native, content: nativeGuests },
    {
      path: '/etc/default/nova-compute',
      content: `if [ -c /dev/kvm ]; then DAEMON_ARGS="--config-file=/etc/nova/nova.conf --config-file=${native}"; fi\n`,
    },
  ]
}

const emulatedGuests = (lab: Lab): IniContent => ({
  DEFAULT: { compute_driver: driverOf(lab) },
  // Nehalem is x86-64-v2, which today's distributions require, and it can be emulated completely.
  libvirt: { virt_type: 'qemu', cpu_mode: 'custom', cpu_models: 'Nehalem' },
  // The comparison checks whether this node's processor has the model's features; an emulated guest does not need them.
  workarounds: { skip_cpu_compare_at_startup: true },
})

const nativeGuests: IniContent = {
  DEFAULT: { compute_driver: 'libvirt.LibvirtDriver' },
  libvirt: { virt_type: 'kvm', cpu_mode: 'host-passthrough' },
}

/**
 * At a cold boot nova-compute restarts its instances and asks Neutron for their ports: if Neutron does not answer yet,
 * that fails, and they stay off. Without instances there is nothing to wait for, and the first deploy does not wait.
 */
function waitForNeutron(lab: Lab): string {
  const noInstances = '! ls -d /var/lib/nova/instances/????????-*-* >/dev/null 2>&1'
  return waitForAnswer(lab, [`${urlOf(lab, 'neutron')}/`, `${urlOf(lab, 'nova')}/`], noInstances)
}
