/** Everything that needs no node: rendered files and digests. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serviceDigest } from '../../scripts/engine/digest.ts'
import { renderContent } from '../../scripts/engine/ini.ts'
import { heredoc } from '../../scripts/engine/operation.ts'
import type { Service } from '../../scripts/engine/service.ts'
import { fixtureLab, fixtureNode } from '../fixtures/lab.ts'

test('an ini file has its sections in order, repeated keys, empty values and plain booleans', () => {
  const content = {
    DEFAULT: { debug: false, workers: 2, service_plugins: '', enabled: ['a', 'b'], none: [] },
    database: { connection: 'mysql+pymysql://glance:x@10.0.0.11/glance?charset=utf8' },
  }
  expect(renderContent(content)).toBe(
    [
      '[DEFAULT]',
      'debug = false',
      'workers = 2',
      'service_plugins =',
      'enabled = a',
      'enabled = b',
      '',
      '[database]',
      'connection = mysql+pymysql://glance:x@10.0.0.11/glance?charset=utf8',
      '',
    ].join('\n'),
  )
})

test('a value of two lines is refused: it would be read as another key', () => {
  expect(() => renderContent({ DEFAULT: { a: 'x\nb = y' } })).toThrow('the value of a has more than one line')
})

test('text is written as it is', () => {
  expect(renderContent('a\n[b')).toBe('a\n[b')
})

const service: Service = {
  name: 'glance',
  needs: [],
  parts: [{ on: 'controller', packages: ['glance'], files: [{ path: '/a', content: { a: { b: 'c' } } }], units: [] }],
  ready: [],
}
const lab = fixtureLab('lxc')
const digest = (one: Service, key = 'key', on = lab) => serviceDigest(one, on, { digest_key: key })

test('the digest changes with any byte of the data and with the key, and with nothing else', () => {
  expect(digest(structuredClone(service))).toBe(digest(service))
  const changed = JSON.parse(JSON.stringify(service).replace('"c"', '"d"')) as Service
  expect(digest(changed)).not.toBe(digest(service))
  expect(digest(service, 'other')).not.toBe(digest(service))
  expect(digest(service)).toMatch(/^[0-9a-f]{64}$/)
})

test('an added node changes the digest of services with a part on it, and of no others', () => {
  const more = { ...lab, nodes: [...lab.nodes, fixtureNode('compute2', 32)] }
  expect(digest(service, 'key', more)).toBe(digest(service))
  const agent = { ...service, parts: [{ ...service.parts[0]!, on: 'compute' as const }] }
  expect(digest(agent, 'key', more)).not.toBe(digest(agent))
})

test('a here-document ends only at its own delimiter, whatever the text', () => {
  const lines = fc.array(fc.constantFrom('duostack', 'duostack_', '$x', '`y`', ''), { maxLength: 6 })
  fc.assert(
    fc.property(lines, (parts) => {
      const [first, ...rest] = heredoc(parts.join('\n')).split('\n')
      const end = first!.slice(3, -1)
      expect(rest.indexOf(end)).toBe(rest.length - 1)
    }),
  )
})
