import { describe, expect, test } from 'vitest'
import { findInList, parseChecksum } from '../../scripts/cloud/checksum.ts'

const sha256 = 'ab'.repeat(32)
const sha512 = 'cd'.repeat(64)

describe('a checksum that is given', () => {
  test('is known by its prefix or by its length, in either case', () => {
    expect(parseChecksum(`sha256:${sha256.toUpperCase()}`)).toEqual({ algorithm: 'sha256', value: sha256 })
    expect(parseChecksum(`sha512:${sha512}`)).toEqual({ algorithm: 'sha512', value: sha512 })
    expect(parseChecksum(sha512)).toEqual({ algorithm: 'sha512', value: sha512 })
  })

  test('is refused if it is truncated, of the other kind, or of an unknown kind', () => {
    expect(parseChecksum(`sha256:${sha256.slice(1)}`)).toMatchObject({ allowed: '64 hex digits' })
    expect(parseChecksum(`sha512:${sha256}`)).toMatchObject({ allowed: '128 hex digits' })
    expect(parseChecksum('sha1:abcd')).toMatchObject({ given: 'sha1:', allowed: 'sha256:HEX, sha512:HEX' })
  })

  test('may be a file or a URL', () => {
    for (const word of ['SHA256SUMS', 'https://example.org/SHA512SUMS', './sums', sha256.slice(1)])
      expect(parseChecksum(word)).toBeUndefined()
  })
})

describe('a list', () => {
  test.each([
    ['of sha256sum', `${'0'.repeat(64)}  other.qcow2\n${sha256}  os.qcow2\n`, sha256],
    ['in binary mode', `${sha256} *os.qcow2\n`, sha256],
    ['with a folder', `${sha256}  ./os.qcow2\n`, sha256],
    ['in the BSD form', `# comment\nSHA512 (os.qcow2) = ${sha512}\n`, sha512],
    ['of digits alone', `${sha256}\n`, sha256],
  ])('%s tells the checksum of its file', (_, list, value) => {
    expect(findInList(list, 'os.qcow2')?.value).toBe(value)
  })

  test('that does not name the file gives no checksum', () => {
    expect(findInList(`${sha256}  os.qcow2.old\n${sha256}  my-os.qcow2\n`, 'os.qcow2')).toBeUndefined()
    expect(findInList('', 'os.qcow2')).toBeUndefined()
    expect(findInList('<html>not found</html>', 'os.qcow2')).toBeUndefined()
  })
})
