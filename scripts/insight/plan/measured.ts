/** Measured times of one complete `up`, for the estimate on a machine that has never built a lab. */

import type { Hypervisor } from '../../declaration/lab.ts'
import { profileOf, serviceNames } from '../../declaration/service-profiles.ts'

/**
 * Seconds by `stack/name`, as in .lab/timings.json: container nodes, everything in the cache, 3 min 50 s in all. The
 * machine (AMD EPYC, 24 GB) was also doing other work.
 */
export const measured: { where: string; hypervisor: Hypervisor; seconds: Readonly<Record<string, number>> } = {
  where: '2 cores, 2026-11',
  hypervisor: 'lxc',
  seconds: {
    'nodes/whole': 6.2,
    ...Object.fromEntries(
      serviceNames.flatMap((name) => {
        const { seconds } = profileOf(name)
        return seconds === undefined ? [] : [[`services/${name}`, seconds]]
      }),
    ),
    'cloud/whole': 24.7,
    'verify/all': 13.2,
  },
}
