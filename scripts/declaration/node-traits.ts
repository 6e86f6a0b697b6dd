/** What lower floors have to know about the kind of node; all other differences are in nodes/. */

import type { Lab } from './lab.ts'

type Kind = Pick<Lab, 'hypervisor'>

/** Its guests run on the processor itself, through /dev/kvm. */
export const usesKvm = ({ hypervisor }: Kind): boolean => hypervisor === 'kvm'

/** A container is given its host key; a VM makes its own and shows it (nodes/host-key.ts). */
export const isGivenHostKey = ({ hypervisor }: Kind): boolean => hypervisor === 'lxc'

/** How much longer an emulated node computes than the machine that emulates it. */
export const emulationFactor = 12
