/** Part 8: what a project cannot make the services do for it. */

import { expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { runInside } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import type { Answers } from './web-download.ts'

const part = 'exposure'

/** On the shared network, for a port that `demo` creates: as in docs/reference/security.md. */
const refused = [
  ['an address', '--fixed-ip', 'ip-address=203.0.113.200'],
  ['a MAC', '--mac-address', 'fa:16:3e:aa:bb:cc'],
  ['further addresses', '--allowed-address', 'ip-address=203.0.113.201'],
  ['no port security', '--disable-port-security', '--no-security-group'],
] as const

export function serviceTests(copy: () => Copy): void {
  test('on the shared network demo chooses neither address nor port security', () =>
    recorded(part, 'ports of demo on the shared network', async () => {
      const create = ['openstack', '--os-cloud', 'demo', 'port', 'create', '--network', 'provider']
      for (const [what, ...words] of refused) {
        const answer = await copy().run('./lab', ...create, ...words, 'chosen')
        expect(answer.exitCode, what).not.toBe(0)
        expect(String(answer.all), what).toContain('403')
      }
      // The control test, with what an admin changes for it.
      const plain = await copy().run('./lab', ...create, 'plain')
      const chosen = ['--project', 'demo', '--network', 'provider', '--fixed-ip', 'ip-address=203.0.113.200', 'chosen']
      const given = await copy().run('./lab', 'openstack', 'port', 'create', ...chosen)
      await copy().run('./lab', 'openstack', '--os-cloud', 'demo', 'port', 'delete', 'plain', 'chosen')
      expect([plain.exitCode, given.exitCode], tail(given.all)).toEqual([0, 0])
      return `403 for ${refused.map(([what]) => what).join(', ')}`
    }))

  test('Glance downloads no URL for a project', () =>
    recorded(part, "web-download of the controller's own address", async () => {
      const printed = await runInside(copy(), 'node', 'scripts/run.mjs', 'test/faults/web-download.ts')
      const { methods, said, status } = JSON.parse(printed) as Answers
      expect(methods).toEqual(['glance-direct', 'copy-image'])
      expect(said).toContain('web-download')
      expect(status).toBe('queued')
      return 'no such method, and the image stays empty'
    }))
}
