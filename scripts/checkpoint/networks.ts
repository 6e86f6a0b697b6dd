/** The lab's libvirt networks in a save: Terraform's state knows them by their uuid, which a new one would not have. */

import { join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'
import { runVirsh } from '../libvirt/virsh.ts'

const namesOf = ({ networks }: Lab) => [networks.management.name, networks.provider.name]

const fileOf = (folder: string, name: string) => join(folder, `${name}.network.xml`)

/** Path in the save -> content. */
export async function describeNetworks(lab: Lab, folder: string): Promise<Record<string, string>> {
  const files = namesOf(lab).map(async (name) => {
    const step = `read network ${name}`
    const { stdout } = await runVirsh(lab.libvirtUri, ['net-dumpxml', '--inactive', name], { step })
    return [fileOf(folder, name), stdout] as const
  })
  return Object.fromEntries(await Promise.all(files))
}

/** Makes them where they are missing, as after `down`; one that is there stays. The nodes are off. */
export async function restoreNetworks(lab: Lab, folder: string): Promise<void> {
  for (const name of namesOf(lab)) {
    const ask = (...words: string[]) =>
      runVirsh(lab.libvirtUri, words, { step: `network ${name}: ${words[0]}`, root: true, allow: [0, 1] })
    const known = await ask('net-info', name)
    if (known.exitCode !== 0) {
      const step = `network ${name}: define it`
      await runVirsh(lab.libvirtUri, ['net-define', fileOf(folder, name)], { step, root: true })
      await ask('net-autostart', name)
    }
    // Fails where it is active.
    await ask('net-start', name)
  }
}
