/** Addresses of the lab in the APIs' answers are replaced, and nothing else. */

import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localLinks } from '../../scripts/cloud/local-links.ts'

const links = localLinks([
  { inside: ['10.0.0.11:5000', 'controller:5000'], port: 15_000 },
  { inside: ['10.0.0.11:8774', 'controller:8774'], port: 18_774 },
])

async function* pieces(text: string | Buffer, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const rewrite = async (text: string | Buffer, size = 1 << 20) => buffer(links.inJson(pieces(text, size)))

describe('in JSON', () => {
  test.each([
    ['a catalog entry', '{"url": "http://10.0.0.11:8774/v2.1"}', '{"url": "http://127.0.0.1:18774/v2.1"}'],
    ['by the name of the node', '["http://controller:5000"]', '["http://127.0.0.1:15000"]'],
    ['a link with a query', '["http://10.0.0.11:5000?limit=1"]', '["http://127.0.0.1:15000?limit=1"]'],
    ['escaped slashes after it', '["http://10.0.0.11:5000\\/v3"]', '["http://127.0.0.1:15000\\/v3"]'],
  ])('%s is replaced', async (_, text, expected) => {
    expect(String(await rewrite(text))).toBe(expected)
  })

  test.each([
    ['another port that begins like it', '["http://10.0.0.11:50001/"]'],
    ['the metadata API', '["http://10.0.0.11:8775/"]'],
    ['another scheme', '["https://10.0.0.11:5000/"]'],
    ['a user name that looks like it', '["http://10.0.0.11:5000@example.org/"]'],
    ['an address in the middle of a text', '["see http://10.0.0.11:5000/v3"]'],
    ['JSON inside a string', JSON.stringify([JSON.stringify(['http://10.0.0.11:5000/'])])],
    ['numbers with more digits than JavaScript has', '[1.0, 12345678901234567890, 1e400]'],
  ])('%s stays', async (_, text) => {
    expect(String(await rewrite(text))).toBe(text)
  })

  test('bytes that are not UTF-8 stay', async () => {
    const bytes = Buffer.concat([Buffer.from('["'), Buffer.from([0xff, 0xe2, 0x80, 0x00]), Buffer.from('"]')])
    expect(await rewrite(bytes, 1)).toEqual(bytes)
  })

  test('the result is the same wherever the stream is cut, and what a parser would replace', async () => {
    const origin = fc.constantFrom('http://10.0.0.11:5000', 'http://controller:8774', 'http://10.0.0.11:8775')
    const string = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('', '\\', '"', 'é '), origin, fc.constantFrom('', '/v3', '0', '?a'))
        .map((all) => all.join('')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(string), fc.integer({ min: 1, max: 60 }), async (strings, size) => {
        const expected = strings.map((one) =>
          one
            .replace(/^http:\/\/(10\.0\.0\.11|controller):5000(?=$|[/?#])/, 'http://127.0.0.1:15000')
            .replace(/^http:\/\/(10\.0\.0\.11|controller):8774(?=$|[/?#])/, 'http://127.0.0.1:18774'),
        )
        expect(JSON.parse(String(await rewrite(JSON.stringify(strings), size)))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('a large answer is passed on as it arrives', async () => {
    let sent = 0
    const source = (async function* () {
      for (; sent < 1000; sent++) yield Buffer.from('"http://10.0.0.11:5000/v3",'.repeat(1000))
    })()
    const first = await links.inJson(source).next()
    expect(first.done).toBe(false)
    expect(sent).toBeLessThan(2)
  })
})

test('in a header, every address is replaced', () => {
  expect(links.inHeader('http://10.0.0.11:8774/v2.1/servers/1')).toBe('http://127.0.0.1:18774/v2.1/servers/1')
  expect(links.inHeader('Keystone uri="http://controller:5000"')).toBe('Keystone uri="http://127.0.0.1:15000"')
  for (const other of ['http://10.0.0.11:50001/', 'http://10.0.0.11:5000@example.org/', '/v2/images/1']) {
    expect(links.inHeader(other)).toBe(other)
  }
})
