import { expect, test } from 'vitest'
import { checkOverlay } from '../../scripts/host/networking.ts'
import { probeVxlan } from '../../scripts/nodes/probes.ts'
import { declaration } from './facts.ts'

const selfService = { ...declaration, networking: 'self-service' } as const
const [has, lacks] = [async () => true, async () => false]

test('self-service in containers needs a kernel with VXLAN, and is refused with its place without one', async () => {
  const [finding] = await checkOverlay(selfService, 'lxc', lacks)
  expect(finding).toMatchObject({ where: selfService.places.networking, given: expect.stringContaining('VXLAN') })
  expect(await checkOverlay(selfService, 'lxc', has)).toEqual([])
})

test('virtual machines bring their own kernel, and for provider networks nobody asks', async () => {
  const never = () => Promise.reject(new Error('asked'))
  expect(await checkOverlay(selfService, 'qemu')).toEqual([])
  expect(await checkOverlay(selfService, 'auto', never)).toEqual([])
  expect(await checkOverlay(declaration, 'lxc', never)).toEqual([])
})

test.runIf(process.getuid?.() === 0)('the probe answers, and leaves no interface', async () => {
  expect(await probeVxlan()).toEqual(expect.any(Boolean))
})
