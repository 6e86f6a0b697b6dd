/**
 * What docs/reference/features.md says, checked with the ordinary client: extensions, EC2 credentials, volume backups.
 */

import { expect, test } from 'vitest'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { hypervisor, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { backupTests } from './backups.ts'

const part = 'features'

/** As the demo user, with no token. */
const ask = (copy: Copy, path: string, body: object) =>
  onNode(
    copy,
    'controller',
    `curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}' http://10.0.0.11:5000${path}`,
  )

export function featureTests(copy: () => Copy): void {
  test('the trunk extension exists only if the nodes have 802.1Q; DNS names of ports exist in no lab', () =>
    recorded(part, 'extensions of Neutron', async () => {
      const extensions = await openstack<{ Alias: string }[]>(copy(), 'extension', 'list', '--network')
      const has = (alias: string) => extensions.some(({ Alias }) => Alias === alias)
      const types = await onNode(copy(), 'controller', 'grep ^type_drivers /etc/neutron/plugins/ml2/ml2_conf.ini')
      const hasVlan = types.includes('vlan')
      if (hypervisor !== 'lxc') expect(hasVlan).toBe(true)
      expect([has('trunk'), has('router'), has('qos'), has('dns-integration')]).toEqual([hasVlan, false, false, false])
      const named = ['port', 'create', '--network', 'provider', '--dns-name', 'given', 'named']
      const refused = await copy().run('./lab', 'openstack', ...named)
      expect([refused.exitCode, String(refused.all)]).toEqual([
        1,
        expect.stringContaining('No Extension found for dns-integration'),
      ])
      return `trunk: ${hasVlan ? 'there' : 'absent, no 802.1Q in this kernel'}; dns_name is refused`
    }))

  test('only the blob of credentials can be changed, and nobody signs in by EC2 without a service token', () =>
    recorded(part, 'EC2 credentials', async () => {
      const { access } = await openstack<{ access: string }>(copy(), 'ec2', 'credentials', 'create')
      const credentials = await openstack<{ ID: string; Data: string }[]>(copy(), 'credential', 'list')
      const { ID: id, Data: data } = credentials.find(({ Data }) => Data.includes(access))!
      const set = [
        './lab',
        'openstack',
        'credential',
        'set',
        '--user',
        'admin',
        '--type',
        'ec2',
        '--data',
        data,
        id,
      ] as const
      const changed = await copy().run(...set)
      expect(changed.exitCode).not.toBe(0)
      expect(String(changed.all)).toContain('HTTP 400')
      for (const path of ['/v3/ec2tokens', '/v3/s3tokens']) expect(await ask(copy(), path, {})).toBe('401')
      await openstack(copy(), 'ec2', 'credentials', 'list')
      await copy().run('./lab', 'openstack', 'ec2', 'credentials', 'delete', access)
      return 'made, listed, deleted; a change of more than the blob is 400, /v3/ec2tokens without a token 401'
    }))

  backupTests(copy)
}
