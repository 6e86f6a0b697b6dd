/** The libvirtd that a lab uses: the system's, or a private one inside the lab's namespace. */

import type { Lab } from '../declaration/lab.ts'
import { ensurePrivateLibvirtd } from './libvirtd-private.ts'
import { ensureSystemLibvirtd } from './libvirtd-system.ts'

/** Starts the lab's libvirtd where it does not run or does not answer, and makes sure that the calling user may use it. */
export async function ensureLibvirtd(lab: Lab, say: (line: string) => void = () => {}): Promise<void> {
  await (lab.isolation === 'netns' ? ensurePrivateLibvirtd(lab, say) : ensureSystemLibvirtd(lab, say))
}
