import { describe, expect, test } from 'vitest'
import { pcapRing } from '../../../scripts/insight/wire/pcap-ring.ts'

const header = Buffer.alloc(24)
header.writeUInt32LE(0xa1b2c3d4, 0)

/** A record whose packet is `length` bytes of `fill`. */
function record(fill: number, length = 84): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt32LE(length, 8)
  head.writeUInt32LE(length, 12)
  return Buffer.concat([head, Buffer.alloc(length, fill)])
}

describe('the packets of a capture', () => {
  test('are kept whole, however the stream is cut', () => {
    const file = Buffer.concat([header, record(1), record(2, 0), record(3, 1500)])
    for (const size of [1, 7, 24, 1000, file.length]) {
      const ring = pcapRing(10_000)
      for (let start = 0; start < file.length; start += size) ring.take(file.subarray(start, start + size))
      expect(ring.content()).toEqual(file)
      expect(ring.count()).toEqual({ kept: 3, dropped: 0, bytes: file.length })
    }
  })

  test('a record that was cut off at the end is left out', () => {
    const ring = pcapRing(10_000)
    ring.take(Buffer.concat([header, record(1), record(2).subarray(0, 50)]))
    expect(ring.content()).toEqual(Buffer.concat([header, record(1)]))
  })

  test('the newest are kept, and the file is never larger than asked for', () => {
    const ring = pcapRing(24 + 3 * 100)
    ring.take(header)
    for (let fill = 0; fill < 5000; fill++) ring.take(record(fill % 256))
    expect(ring.count()).toEqual({ kept: 3, dropped: 4997, bytes: 324 })
    const newest = [4997, 4998, 4999].map((fill) => record(fill % 256))
    expect(ring.content()).toEqual(Buffer.concat([header, ...newest]))
  })

  test('nothing but a pcap is taken for one', () => {
    expect(() => pcapRing(100).take(Buffer.alloc(24, 'x'))).toThrow('not a pcap')
    const large = Buffer.alloc(16)
    large.writeUInt32LE(0xffffffff, 8)
    expect(() => pcapRing(100).take(Buffer.concat([header, large]))).toThrow('not a pcap')
    expect(pcapRing(100).content()).toHaveLength(0)
  })
})
