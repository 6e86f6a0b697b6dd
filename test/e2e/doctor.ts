/** The doctor on a running lab: no problems if all is well, and faults are found. */

import { describe, expect, test } from 'vitest'
import { runBreak, waveTests } from '../harness/breaks/wave-tests.ts'
import { waves, wavesOfMachines, wavesOfSelfService } from '../harness/breaks/waves.ts'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'

/** How many waves are tried here; `./lab test faults doctor doctor-self-service` tries them all. */
const [tried, triedOfSelfService] = [1, 1]

/** `copyOf` returns the copy whose lab is running. */
export function doctorTests(copyOf: () => Copy, hypervisor: string): void {
  describe('doctor', () => {
    test('a healthy lab has no findings, and everything was checked', async () => {
      const healthy = await readDocument(copyOf(), 'doctor')
      expect(healthy.exitCode).toBe(0)
      expect(healthy.document).toMatchObject({ healthy: true, problems: [], unread: [] })
    })

    const chosen = hypervisor === 'lxc' ? waves.slice(0, tried) : wavesOfMachines
    test('reports causes below a verify that fails', async () => {
      await runBreak(copyOf(), 'api-silent', 'break')
      const verify = await copyOf().run('./lab', 'verify', '--now')
      await runBreak(copyOf(), 'api-silent', 'undo')
      expect(verify.exitCode).toBe(1)
      const [lines = '', causes = ''] = String(verify.stdout).split('The doctor found')
      expect(lines).toMatch(/checks failed/)
      expect(causes).toMatch(/controller\/glance-api: .* \[api-silent\]/)
    })

    waveTests(copyOf, chosen)
  })
}

/** The faults that only a self-service lab can have. */
export function selfServiceDoctorTests(copyOf: () => Copy): void {
  describe('doctor, in a self-service lab', () => waveTests(copyOf, wavesOfSelfService.slice(0, triedOfSelfService)))
}
