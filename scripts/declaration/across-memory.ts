/** Checks that the worker processes of all APIs fit into the controller's memory. */

import { fieldOf, readHosts } from './across-nodes.ts'
import type { Finding } from './errors.ts'
import type { DeclarationFiles } from './files-of-declaration.ts'
import { profileOf, type ServiceName, serviceNames } from './service-profiles.ts'

/** MiB of one worker process; each of these runs lab_api_workers of them. */
export const workerMiB: Readonly<Partial<Record<ServiceName, number>>> = Object.fromEntries(
  serviceNames.flatMap((name) => {
    const { workerMiB } = profileOf(name)
    return workerMiB === undefined ? [] : [[name, workerMiB]]
  }),
)

/** MiB of everything on the controller with one worker each, after an hour: group_vars/controller.yml says so too. */
const withOneWorkerMiB = 4608

/** One worker is never rejected: the schema checks the controller's minimum memory. */
export function checkWorkers(files: DeclarationFiles): Finding[] {
  const workers = files.all.field<number>('lab_api_workers')
  const [controller] = readHosts(files)?.controller ?? []
  const memory =
    controller && (fieldOf<number>(files, controller, 'memory_mib') ?? files.controller.field<number>('memory_mib'))
  if (!workers || !memory) return []
  const isOn = (name: ServiceName) =>
    files.all.field<boolean>('lab_services', name)?.value ?? profileOf(name).optional !== 'off'
  const apis = serviceNames.filter(isOn).flatMap((name) => workerMiB[name] ?? [])
  const further = apis.reduce((sum, mib) => sum + mib, 0)
  const most = Math.max(1, 1 + Math.floor((memory.value - withOneWorkerMiB) / further))
  if (workers.value <= most) return []
  return [
    {
      where: workers.where,
      given: workers.given,
      allowed: `at most ${most} on ${controller.name} with memory_mib: ${memory.value}: all services with one worker each use about ${withOneWorkerMiB} MiB; each additional worker for all ${apis.length} APIs adds ${further} MiB (docs/dev/speed.md, Memory)`,
      remedy: `write ${most}, or give ${controller.name} memory_mib: ${withOneWorkerMiB + (workers.value - 1) * further}`,
    },
  ]
}
