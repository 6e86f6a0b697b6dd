/** The lab's libvirt networks in a save: Terraform's state knows them by their uuid, which a new one would not have. */

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../declaration/files.ts'
import type { Lab, LabNetwork } from '../declaration/lab.ts'
import { runVirsh } from '../libvirt/virsh.ts'
import { uuidPattern } from '../libvirt/xml.ts'
import { readState } from '../terraform/state.ts'

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
  for (const network of [lab.networks.management, lab.networks.provider]) {
    const { name } = network
    const ask = (...words: string[]) =>
      runVirsh(lab.libvirtUri, words, { step: `network ${name}: ${words[0]}`, root: true, allow: [0, 1] })
    const known = await ask('net-info', name)
    if (known.exitCode !== 0) {
      const saved = fileOf(folder, name)
      // virsh reads no standard input that is a socket.
      const rendered = join(lab.paths.state, `${name}.network.xml`)
      const isSaved = existsSync(saved)
      if (!isSaved) replaceFile(rendered, renderNetwork(network, uuidOf(lab, name)))
      await runVirsh(lab.libvirtUri, ['net-define', isSaved ? saved : rendered], {
        step: `network ${name}: define it`,
        root: true,
      })
      rmSync(rendered, { force: true })
      await ask('net-autostart', name)
    }
    // Fails where it is active.
    await ask('net-start', name)
  }
}

/** As Terraform knows it. A save that was imported has no description of its networks that could be believed. */
const uuidOf = (lab: Lab, name: string) =>
  readState(lab, 'nodes').find(({ type, attributes }) => type === 'libvirt_network' && attributes['name'] === name)
    ?.attributes['id']

/** As the libvirt provider makes it of what stacks/node-networks.ts says. */
export function renderNetwork({ name, bridge, hostAddress, prefixLength }: LabNetwork, uuid: unknown): string {
  const isUuid = typeof uuid === 'string' && new RegExp(`^${uuidPattern}$`).test(uuid)
  return `<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'>
  <name>${name}</name>
${isUuid ? `  <uuid>${uuid}</uuid>\n` : ''}  <bridge name='${bridge}' stp='on' delay='0'/>
  <ip family='ipv4' address='${hostAddress}' prefix='${prefixLength}'/>
  <dnsmasq:options>
    <dnsmasq:option value='port=0'/>
  </dnsmasq:options>
</network>
`
}
