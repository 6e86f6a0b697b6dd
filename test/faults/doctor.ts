/** Every fault that the doctor knows in containers, a wave at a time; the end-to-end test tries only some of them. */

import { test } from 'vitest'
import { waveTests } from '../harness/breaks/wave-tests.ts'
import { waves, wavesOfSelfService } from '../harness/breaks/waves.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, declareNetworking } from '../harness/lab.ts'

export const doctorFaultTests = (copy: () => Copy) => waveTests(copy, waves)

export function selfServiceDoctorTests(copy: () => Copy): void {
  test('up makes it a self-service lab', async () => {
    await declareNetworking(copy(), 'self-service')
    await bringUp(copy())
  })
  waveTests(copy, wavesOfSelfService)
}
