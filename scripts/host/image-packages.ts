/**
 * Checks whether the image of a running lab contains the packages of all enabled services, because its nodes cannot
 * download any.
 */

import type { Finding } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { profileOf, type ServiceName } from '../declaration/service-profiles.ts'
import { readPackageStatus } from '../image/closed-tree.ts'
import { enabledServices, serviceOf } from '../services/index.ts'

/** Keys that make a service need more packages, and what a lab is without them. */
const options = [
  { key: 'lab_networking', on: 'self-service', off: 'provider', without: { networking: 'provider' } },
  { key: 'lab_volume_backup', on: 'true', off: 'false', without: { volumeBackup: false } },
] as const

const packagesOf = (lab: Lab, name: ServiceName) =>
  new Set(serviceOf(lab, loadSecrets(lab.root), name).parts.flatMap(({ packages }) => packages))

/** Of each service that is on, what dpkg's list of the image does not have. */
export function missingInImage(lab: Lab, status: string): Map<ServiceName, string[]> {
  const installed = new Set(
    status
      .split(/\n\n+/)
      .filter((block) => /^Status: install ok installed$/m.test(block))
      .map((block) => /^Package: (\S+)$/m.exec(block)?.[1]),
  )
  const missing = enabledServices(lab).map((name) => {
    return [name, [...packagesOf(lab, name)].filter((one) => !installed.has(one))] as const
  })
  return new Map(missing.filter(([, packages]) => packages.length > 0))
}

/** The key that asks for them: of an option without which they are not needed, otherwise of the service. */
function askedBy(living: Lab, service: ServiceName, packages: readonly string[]) {
  const option = options.find(({ without }) => {
    const needed = packagesOf({ ...living, ...without }, service)
    return packages.every((name) => !needed.has(name))
  })
  if (option) return { where: option.key, value: option.on, instead: `, or ${option.key}: ${option.off}` }
  const instead = profileOf(service).optional ? ', or switch the service off' : ''
  return { where: `lab_services.${service}`, value: 'true', instead }
}

/** `living`: the lab as it is declared now, with the image that its nodes were made of. */
export function checkImagePackages(living: Lab): Finding[] {
  const status = living.stockImage ? undefined : readPackageStatus(living.paths.image)
  if (status === undefined) return []
  return [...missingInImage(living, status)].map(([service, packages]) => {
    const { where, value, instead } = askedBy(living, service, packages)
    return {
      where,
      given: `${value}, but the image from which this lab's nodes were made does not contain ${packages.join(', ')}`,
      allowed: 'services whose packages are in the image; nodes have no outside access to download others',
      remedy: `./lab up --rebuild (replaces the lab by a new one, with a current image)${instead}`,
    }
  })
}
