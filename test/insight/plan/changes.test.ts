import { describe, expect, test } from 'vitest'
import { wantedFile } from '../../../scripts/insight/plan/changes.ts'
import { showChanges } from '../../../scripts/insight/plan/changes-text.ts'
import { differingKeys, parseIni } from '../../../scripts/insight/plan/key-differences.ts'
import { serviceOf } from '../../../scripts/services/index.ts'
import { parsePlan } from '../../../scripts/terraform/plan.ts'
import { fixtureLab, fixtureSecrets } from '../../fixtures/lab.ts'

test("a file is compared with the node's own: controller and compute node have different ones of one path", () => {
  const lab = fixtureLab('kvm')
  const nova = serviceOf(lab, fixtureSecrets, 'nova')
  const path = '/etc/nova/nova.conf'
  const contentOn = (node: string) => {
    const change = { node, path, phase: 'files', kind: 'file', title: `file ${path}`, reason: 'differs' } as const
    return wantedFile(lab, nova, change)?.content
  }
  for (const { name, address } of lab.nodes) expect(contentOn(name)).toMatchObject({ DEFAULT: { my_ip: address } })
})

describe('a file, key by key', () => {
  const content = {
    DEFAULT: { debug: true, bind: ['a', 'b'] },
    database: { connection: 'mysql://glance:s3cr3t-word@db' },
  }
  const same = '[DEFAULT]\ndebug = True\nbind = a\nbind = b\n\n[database]\nconnection = mysql://glance:s3cr3t-word@db\n'
  const keys = (now: string) => differingKeys(now, content, ['s3cr3t-word'])

  test('an option that differs, is missing, or is not ours', () => {
    const now =
      '[DEFAULT]\ndebug = false\nextra=1\nbind = a\nbind = b\n[database]\nconnection = mysql://glance:s3cr3t-word@db\n'
    expect(keys(now)).toEqual([
      { key: '[DEFAULT] debug', now: 'false', wanted: 'true' },
      { key: '[DEFAULT] extra', now: '1', wanted: null },
    ])
    expect(keys('')).toHaveLength(3)
  })

  test('a secret is never shown: neither the declared one nor the current one', () => {
    const text = JSON.stringify(keys(same.replace('s3cr3t-word', 'guessed').replace('True', 'true')))
    expect(text).toContain('mysql://glance:***@db')
    expect(text).toContain('a different value')
    expect(text).not.toMatch(/s3cr3t-word|guessed/)
  })

  test('a comment by hand is found as a line', () => {
    const now = `${same.replace('True', 'true')}# by hand\n`
    expect(keys(now)).toEqual([{ key: 'line 8', now: '# by hand', wanted: null }])
  })

  test('a file that is no ini is compared by lines', () => {
    expect(differingKeys('a\nb\n', 'a\nc\n', [])).toEqual([
      { key: 'line 2', now: 'b', wanted: null },
      { key: 'line 2', now: null, wanted: 'c' },
    ])
  })

  test('sections, repeated keys, comments and spaces are read as oslo reads them', () => {
    expect([...parseIni('# x = 1\n[a]\nk=1\nk = 2\n;y=3\n[b]\n k = 4\n')]).toEqual([['[a] k', ['1', '2']]])
  })
})

describe("Terraform's plan", () => {
  const change = (actions: string[], before: object | null, after: object | null, more = {}) => ({
    resource_changes: [
      { address: 'openstack_x.flavor', mode: 'managed', change: { actions, before, after, ...more } as never },
    ],
  })

  test('what differs, and which attributes recreate the resource', () => {
    const plan = change(
      ['delete', 'create'],
      { ram: 256, id: 'a', swap: 0 },
      { ram: 320, swap: null },
      { replace_paths: [['ram']] },
    )
    expect(parsePlan('cloud', plan)).toEqual([
      {
        stack: 'cloud',
        name: 'openstack_x.flavor',
        action: 'replace',
        attributes: [{ name: 'ram', now: 256, wanted: 320, replaces: true }],
      },
    ])
  })

  test('sensitive values are masked; an empty mark is none', () => {
    const marks = { before_sensitive: { key: true, list: [] }, after_sensitive: { key: true, list: [{}] } }
    const [found] = parsePlan('cloud', change(['update'], { key: 'old', list: [1] }, { key: 'new', list: [2] }, marks))
    expect(found!.attributes.map(({ now, wanted }) => [now, wanted])).toEqual([
      ['***', '***'],
      [[1], [2]],
    ])
  })

  test('no-ops and reads are no changes', () => {
    expect(parsePlan('cloud', change(['no-op'], {}, {}))).toEqual([])
    expect(parsePlan('cloud', change(['read'], {}, {}))).toEqual([])
  })
})

test('the changes as a person reads them', () => {
  const text = showChanges({
    nodes: ['compute2: is removed: it is no longer in hosts.yml'],
    services: [
      {
        name: 'glance',
        because: ['declaration'],
        details: [
          {
            node: 'controller',
            phase: 'files',
            kind: 'file',
            title: 'file /etc/glance/glance-api.conf',
            path: '/etc/glance/glance-api.conf',
            reason: 'its content differs',
            keys: [{ key: '[DEFAULT] debug', now: null, wanted: 'true' }],
          },
        ],
      },
      { name: 'horizon', because: ['declaration'], details: [] },
    ],
    resources: [
      {
        stack: 'cloud',
        name: 'flavor',
        action: 'replace',
        attributes: [{ name: 'ram', now: 256, wanted: 320, replaces: true }],
      },
    ],
    unread: [],
  })
  expect(text).toMatchInlineSnapshot(`
    "nodes
      ~ compute2: is removed: it is no longer in hosts.yml
    services
      ~ glance: its configuration has changed
          controller: file /etc/glance/glance-api.conf: its content differs
            [DEFAULT] debug: (absent) → true
      ~ horizon: its configuration has changed
          the nodes already match it; it only runs again, because its order, its checks or packages that the nodes already have were changed, or because its last run failed
    nodes and cloud
      ± cloud: flavor: replace
          ram: 256 → 320  (forces replacement)
    ./lab up would change 1 node, 2 services and 1 other resource"
  `)
  expect(showChanges({ nodes: [], services: [], resources: [], unread: [] })).toBe('./lab up would change nothing')
  expect(
    showChanges({ nodes: [], services: [], resources: [], unread: [{ stack: 'cloud', reason: 'no route' }] }),
  ).toContain('? cloud: could not be planned: no route')
})
