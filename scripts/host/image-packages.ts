/**
 * Checks whether the image of a running lab contains the packages of all enabled services, because its nodes cannot
 * download any.
 */

import type { Finding } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'
import { readPackageStatus } from '../image/closed-tree.ts'
import { enabledServices, serviceOf } from '../services/index.ts'

/** Of each service that is on, what dpkg's list of the image does not have. */
export function missingInImage(lab: Lab, status: string): Map<ServiceName, string[]> {
  const installed = new Set(
    status
      .split(/\n\n+/)
      .filter((block) => /^Status: install ok installed$/m.test(block))
      .map((block) => /^Package: (\S+)$/m.exec(block)?.[1]),
  )
  const secrets = loadSecrets(lab.root)
  const missing = enabledServices(lab).map((name) => {
    const packages = serviceOf(lab, secrets, name).parts.flatMap((part) => part.packages)
    return [name, [...new Set(packages)].filter((one) => !installed.has(one))] as const
  })
  return new Map(missing.filter(([, packages]) => packages.length > 0))
}

/** `living`: the lab as it is declared now, with the image that its nodes were made of. */
export function checkImagePackages(living: Lab): Finding[] {
  const status = living.stockImage ? undefined : readPackageStatus(living.paths.image)
  if (status === undefined) return []
  return [...missingInImage(living, status)].map(([service, packages]) => ({
    where: `lab_services.${service}`,
    given: `true, but the image from which this lab's nodes were made does not contain ${packages.join(', ')}`,
    allowed: 'services whose packages are in the image; nodes have no outside access to download others',
    remedy: './lab up --rebuild (replaces the lab by a new one, with a current image), or switch the service off',
  }))
}
