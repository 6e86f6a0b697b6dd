/** An application credential with access rules allows what its rules name at every API, and nothing else. */

import { expect, test } from 'vitest'
import { client, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { runInside } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'

const name = 'faults-rules'

/** By catalog type: the port, a path as written in a rule and as requested, and a path that no rule names. */
const apis = [
  ['compute', 8774, '/v2.1/servers', '/v2.1/servers', '/v2.1/flavors'],
  ['image', 9292, '/v2/images', '/v2/images', '/v2/schemas/image'],
  ['network', 9696, '/v2.0/networks', '/v2.0/networks', '/v2.0/ports'],
  ['placement', 8778, '/resource_providers', '/resource_providers', '/resource_classes'],
  ['volumev3', 8776, '/v3/*/volumes', '/v3/PROJECT/volumes', '/v3/PROJECT/types'],
] as const

export function accessRuleTests(copy: () => Copy): void {
  const ask = (...args: string[]) => runInside(copy(), 'curl', '-s', ...args)

  test('an application credential with access rules', () =>
    recorded('servers', 'application credential with access rules', async () => {
      const rules = apis.map(([service, , path]) => ({ service, method: 'GET', path }))
      const made = await openstack<{ id: string; secret: string; project_id: string }>(
        ...[copy(), 'application', 'credential', 'create', '--access-rules', JSON.stringify(rules), name],
      )
      try {
        const { id, secret } = made
        const identity = { methods: ['application_credential'], application_credential: { id, secret } }
        const login = ['-o', '/dev/null', '-D', '-', '-H', 'Content-Type: application/json']
        const body = JSON.stringify({ auth: { identity } })
        const head = await ask(...login, '-d', body, 'http://10.0.0.11:5000/v3/auth/tokens')
        const token = /^x-subject-token: (\S+)/im.exec(head)![1]
        const statusOf = (port: number, path: string) => {
          const url = `http://10.0.0.11:${port}${path.replace('PROJECT', made.project_id)}`
          return ask('-o', '/dev/null', '-w', '%{http_code}', '-H', `X-Auth-Token: ${token}`, url)
        }
        const seen: string[] = []
        for (const [type, port, , named, other] of apis) {
          seen.push(`${type} ${await statusOf(port, named)} ${await statusOf(port, other)}`)
        }
        expect(seen).toEqual(apis.map(([type]) => `${type} 200 401`))
        return `${apis.length} APIs: what a rule names 200, anything else 401`
      } finally {
        await client(copy(), 'application', 'credential', 'delete', name)
      }
    }))
}
