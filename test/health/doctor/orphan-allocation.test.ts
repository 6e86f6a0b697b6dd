import { expect, test } from 'vitest'
import type { CloudClient } from '../../../scripts/cloud/client.ts'
import type { CloudRead } from '../../../scripts/health/doctor/rule.ts'
import { rules } from '../../../scripts/health/doctor/rules/index.ts'
import { healthyAround } from './case.ts'

const { allocations } = rules['orphan-allocation'].reads as { allocations: CloudRead<never> }

/** Two consumers in Placement, and a Nova that lists no server at all; `page` is its answer for each. */
function cloud(page: (id: string) => object | undefined): CloudClient {
  const answers: Record<string, object> = {
    '/servers?all_tenants=1': { servers: [] },
    '/os-migrations': { migrations: [] },
    '/resource_providers': { resource_providers: [{ uuid: 'rp', name: 'compute1' }] },
    '/resource_providers/rp/allocations': {
      allocations: { living: { resources: { VCPU: 1 } }, gone: { resources: { VCPU: 1 } } },
    },
  }
  const get = async (_: string, path: string) => answers[path] ?? page(path.replace('/servers/', ''))
  return { get } as unknown as CloudClient
}

test('a server that Nova leaves out of its list, as when a cell does not answer, is not an orphan', async () => {
  const seen = await allocations.ask(
    cloud((id) => (id === 'living' ? { server: { id } } : undefined)),
    healthyAround.lab,
  )
  const found = rules['orphan-allocation'].judge({ allocations: seen }, healthyAround)
  expect(found.map(({ about }) => about)).toEqual(['gone'])
})

test('if Nova cannot say whether it exists, nothing is judged', async () => {
  const failing = cloud(() => {
    throw new Error('500')
  })
  await expect(allocations.ask(failing, healthyAround.lab)).rejects.toThrow('500')
})
