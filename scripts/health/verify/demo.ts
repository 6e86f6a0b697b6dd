/** Everyday use: the demo user signs in, and has in its project what the declaration allows it. */

import { openCloud } from '../../cloud/client.ts'
import { demoName } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import type { Observation } from '../../run/check.ts'
import { timeouts } from '../../run/timeouts.ts'
import { type LabCheck, requestSeconds, type Watch } from '../check.ts'

export interface Limits {
  maxTotalInstances: number
  maxTotalCores: number
  maxTotalRAMSize: number
  totalInstancesUsed: number
}

export function judgeLimits({ cloud }: Watch['lab'], limits: Limits): Observation {
  const { instances, cores, ramMiB } = cloud.demoQuota
  return {
    id: 'demo',
    what: `user ${demoName} signs in, with the limits of project ${demoName}`,
    ok: limits.maxTotalInstances === instances && limits.maxTotalCores === cores && limits.maxTotalRAMSize === ramMiB,
    seen: `${limits.totalInstancesUsed} of ${limits.maxTotalInstances} instances, ${limits.maxTotalCores} cores, ${limits.maxTotalRAMSize} MiB`,
    data: {
      instances: limits.totalInstancesUsed,
      maxInstances: limits.maxTotalInstances,
      maxCores: limits.maxTotalCores,
      maxMemoryMiB: limits.maxTotalRAMSize,
    },
    next: `npx tsx scripts/provision.ts ${demoName} --dry-run`,
  }
}

export const demoCheck: LabCheck = {
  id: 'demo',
  what: () => `user ${demoName} signs in`,
  timeoutSeconds: timeouts.verify.demo.seconds,
  when: (lab) => lab.services.demo,
  async observe({ lab, timeoutFactor }) {
    const secrets = loadSecrets(lab.root)
    const user = { name: demoName, password: secrets.demo_password }
    const cloud = await openCloud(lab, secrets, requestSeconds(timeoutFactor), user)
    const { limits } = await cloud.get<{ limits: { absolute: Limits } }>('compute', '/limits')
    return [judgeLimits(lab, limits.absolute)]
  },
}
