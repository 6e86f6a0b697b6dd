/** Removes, before a deploy, objects of this lab that are not in Terraform's state, as a killed run leaves them. */

import type { Lab } from '../declaration/lab.ts'
import type { Inventory } from '../libvirt/inventory.ts'
import { removeDomain, removeNetwork, removePool, runVirsh, virshText } from '../libvirt/virsh.ts'
import type { Progress } from '../run/progress.ts'
import { readState, type StateResource } from '../terraform/state.ts'

type Objects = Pick<Inventory, 'domains' | 'networks' | 'pools'>

/** Which of the lab's objects the state of the stack `nodes` does not know. Pure. */
export function findOrphans(lab: Pick<Lab, 'name'>, objects: Objects, state: readonly StateResource[]): Objects {
  const names = (type: string) => new Set(state.filter((one) => one.type === type).map((one) => one.attributes['name']))
  const [domains, networks, pools] = [names('libvirt_domain'), names('libvirt_network'), names('libvirt_pool')]
  // Terraform does not run a tainted node's destroy provisioner: what it half made is an orphan.
  const containers = state.filter(({ type, tainted }) => type === 'terraform_data' && !tainted).map(({ name }) => name)
  const isContainer = (domain: string) => {
    const node = domain.slice(lab.name.length + 1)
    return containers.some((name) => name === node || name.endsWith(`-${node}`) || name.endsWith(`_${node}`))
  }
  return {
    domains: objects.domains.filter(
      ({ name, driver }) => !domains.has(name) && !(driver === 'lxc' && isContainer(name)),
    ),
    networks: objects.networks.filter(({ name }) => !networks.has(name)),
    pools: objects.pools.filter(({ name }) => !pools.has(name)),
  }
}

/**
 * Without this the next deploy ends with `domain … already exists`. Disks stay: Terraform takes them over by name. Gives
 * the domains that are still there.
 */
export async function removeOrphans(
  lab: Lab,
  inventory: Inventory,
  progress: Progress,
): Promise<Pick<Inventory, 'domains'>> {
  const { domains, networks, pools } = findOrphans(lab, inventory, readState(lab, 'nodes'))
  const count = domains.length + networks.length + pools.length
  if (count === 0) return inventory
  const names = [...domains, ...networks, ...pools].map(({ name }) => name).join(', ')
  await progress.step(`remove what an interrupted run left: ${names}`, async () => {
    for (const domain of domains) await ask(lab.libvirtUris[domain.driver], removeDomain(domain))
    for (const commands of [...networks.map(removeNetwork), ...pools.map(removePool)])
      await ask(lab.libvirtUri, commands)
  })
  return { domains: inventory.domains.filter((domain) => !domains.includes(domain)) }
}

async function ask(uri: string, commands: readonly string[]): Promise<void> {
  const text = commands.join('; ')
  // The first of two fails where the object is switched off already; Terraform tells if the second did.
  await runVirsh(uri, [text], { step: virshText(text), allow: [0, 1] })
}
