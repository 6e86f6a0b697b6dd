/** What trace, topology, doctor, lesson and dashboard must show of routers and floating IPs, on a self-service lab. */

import { describe, expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'
import { selfServiceDoctorTests } from './doctor.ts'
import { readAbilities, runLesson } from './lessons.ts'
import { routerPageTests } from './router-pages.ts'
import { missingEvidence, trace } from './trace.ts'

/** `scale`: how much slower than native the nodes are. About three minutes in containers. */
export function routerTests(copy: () => Copy, scale: number): void {
  describe('routers and floating IPs', () => {
    test('every hop to the instance behind the router is good, and the documents are as their schemas say', async () => {
      const path = await readDocument(copy(), 'topology', '--path', 'test-project')
      expect(path.document).toMatchObject({ ok: true, firstBad: null })
      expect((await readDocument(copy(), 'topology')).document).toMatchObject({ floatingIps: [{ status: 'ACTIVE' }] })
    })

    test.each([
      ['a launch on a project network', ['--launch', '--network', 'selfservice']],
      ['a floating IP', ['--floating-ip']],
    ])('the trace of %s has every step, and each line of evidence is on its node', async (_, args) => {
      const seen = await trace(copy(), ...args)
      expect(seen.trace.notSeen).toEqual([])
      expect(seen.exitCode).toBe(0)
      expect(await missingEvidence(copy(), seen.trace)).toEqual([])
    })

    test('every command of the lesson prints what it says', async () => {
      const has = await readAbilities(copy())
      expect(has).toContain('self-service')
      expect(await runLesson(copy(), '5-routers.md', has)).toEqual([])
    })
  })
  routerPageTests(copy, scale)
  selfServiceDoctorTests(copy)
}
