/**
 * What the state of Terraform in an imported file says of virtual machines. Terraform removes what a state has and the
 * configuration has not, by its id: nothing but what is this lab's may be in it.
 */

import { join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { uuidPattern as uuid } from '../libvirt/xml.ts'
import { readState } from '../terraform/state.ts'
import { refuseImport } from './refuse-import.ts'
import { disksOf, poolOf, unwrittenFiles } from './vm-paths.ts'

export const machineTypes = ['libvirt_domain', 'libvirt_pool', 'libvirt_volume', 'libvirt_cloudinit_disk'] as const

/** `type name` -> what the id has to be. */
function expected(lab: Lab): Map<string, RegExp> {
  const pool = poolOf(lab)
  const inPool = (file: string) => join(pool.path, file).replaceAll(/[^\w/-]/g, '\\$&')
  const [isos, images] = [/\.iso$/, unwrittenFiles(lab)]
  const volumes = [
    ...images.filter((file) => !isos.test(file)),
    ...lab.nodes.flatMap((node) => disksOf(node).map(({ file }) => file)),
  ]
  return new Map([
    [`libvirt_pool ${pool.name}`, new RegExp(`^${uuid}$`)],
    ...lab.nodes.map(({ name }) => [`libvirt_domain ${domainName(lab, name)}`, new RegExp(`^${uuid}$`)] as const),
    ...volumes.map((file) => [`libvirt_volume ${file}`, new RegExp(`^${inPool(file)}$`)] as const),
    ...images
      .filter((file) => isos.test(file))
      .map((file) => [`libvirt_cloudinit_disk ${file}`, new RegExp(`^${inPool(file)};${uuid}$`)] as const),
  ])
}

/** By `type name`, the id of each. Throws LabError for what is missing, is there twice, or is not this lab's. */
export function readKnown(lab: Lab): (type: (typeof machineTypes)[number], name: string) => string {
  const isMachine = ({ type }: { type: string }) => (machineTypes as readonly string[]).includes(type)
  const allowed = "the state of this lab's machines, as Terraform has written it"
  const elsewhere = (['services', 'cloud'] as const).find((stack) => readState(lab, stack).some(isMachine))
  if (elsewhere) throw refuseImport(`${elsewhere}.tfstate has a machine`, allowed)
  const rules = expected(lab)
  const ids = new Map<string, string>()
  for (const { type, attributes } of readState(lab, 'nodes').filter(isMachine)) {
    const [key, id] = [`${type} ${attributes['name']}`, String(attributes['id'])]
    if (!rules.get(key)?.test(id) || ids.has(key)) throw refuseImport(`nodes.tfstate has ${key} with id ${id}`, allowed)
    ids.set(key, id)
  }
  const missing = [...rules.keys()].filter((key) => !ids.has(key))
  if (missing.length > 0) throw refuseImport(`nodes.tfstate does not have ${missing.join(', ')}`, allowed)
  return (type, name) => ids.get(`${type} ${name}`)!
}
