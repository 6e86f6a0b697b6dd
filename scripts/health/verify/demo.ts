/** Everyday use: the demo user signs in, and has in its project what the declaration allows it. */

import { openCloud } from '../../cloud/client.ts'
import { demoName } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { type Observation, observeUntil, type Watch } from './observation.ts'

export interface Limits {
  maxTotalInstances: number
  maxTotalCores: number
  maxTotalRAMSize: number
  totalInstancesUsed: number
}

export function judgeLimits({ cloud }: Watch['lab'], limits: Limits): Observation {
  const { instances, cores, ramMiB } = cloud.demoQuota
  return {
    what: `user ${demoName} signs in, with the limits of project ${demoName}`,
    ok: limits.maxTotalInstances === instances && limits.maxTotalCores === cores && limits.maxTotalRAMSize === ramMiB,
    seen: `${limits.totalInstancesUsed} of ${limits.maxTotalInstances} instances, ${limits.maxTotalCores} cores, ${limits.maxTotalRAMSize} MiB`,
    next: `npx tsx scripts/provision.ts ${demoName} --dry-run`,
  }
}

export async function observeDemo(watch: Watch): Promise<Observation[]> {
  const { lab } = watch
  if (!lab.services.demo) return []
  return observeUntil(watch, `user ${demoName} signs in`, 30, async () => {
    const secrets = loadSecrets(lab.root)
    const user = { name: demoName, password: secrets.demo_password }
    const cloud = await openCloud(lab, secrets, watch.patience ? 30 : 10, user)
    const { limits } = await cloud.get<{ limits: { absolute: Limits } }>('compute', '/limits')
    return [judgeLimits(lab, limits.absolute)]
  })
}
