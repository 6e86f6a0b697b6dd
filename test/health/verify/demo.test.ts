import { describe, expect, test } from 'vitest'
import { judgeLimits } from '../../../scripts/health/verify/demo.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('kvm')

describe('the demo user', () => {
  const limits = { maxTotalInstances: 4, maxTotalCores: 4, maxTotalRAMSize: 2048, totalInstancesUsed: 1 }

  test('has the limits that are declared', () => {
    expect(judgeLimits(lab, limits)).toMatchObject({ ok: true, seen: '1 of 4 instances, 4 cores, 2048 MiB' })
  })

  test('fails with any other limit, and names its service', () => {
    for (const [name, value] of Object.entries(limits).slice(0, 3)) {
      const judged = judgeLimits(lab, { ...limits, [name]: value + 1 })
      expect(judged).toMatchObject({ ok: false, next: 'npx tsx scripts/provision.ts demo --dry-run' })
    }
  })
})
