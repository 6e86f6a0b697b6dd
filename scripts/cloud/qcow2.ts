/**
 * The head of a qcow2 image, read and written without QEMU, which opens what an image names (`qemu-img info` its data file)
 * before anybody could have judged it.
 */

/** In a valid image, all that is not data lies in these first bytes; no smaller cluster than that is made here. */
export const qcow2HeadBytes = 4096

/** Kinds of what follows the head: each with its length, then its content, filled up to eight bytes. */
const extensions = { end: 0, backingFormat: 0xe2792aca, dataFile: 0x44415441 }

const length = (head: Buffer) => (head.readUInt32BE(4) === 3 ? head.readUInt32BE(100) : 72)

export const isQcow2 = (head: Buffer) =>
  head.length >= 104 && head.toString('latin1', 0, 4) === 'QFI\xfb' && [2, 3].includes(head.readUInt32BE(4))

/** Of a head of at least 72 bytes. */
export const readQcow2 = (head: Buffer) => ({
  version: head.readUInt32BE(4),
  hasBacking: head.readBigUInt64BE(8) !== 0n,
  clusterBits: head.readUInt32BE(20),
  virtualBytes: Number(head.readBigUInt64BE(24)),
  isEncrypted: head.readUInt32BE(32) !== 0,
  /** Where its first table ends. */
  tableEnd: Number(head.readBigUInt64BE(40)) + head.readUInt32BE(36) * 8,
  snapshots: head.readUInt32BE(60),
  /** Without which it cannot be read. Behind the head of the older version stands what Nova takes for them, too. */
  features: head.length < 80 ? 0n : head.readBigUInt64BE(72),
})

/** A bit of `features`: the data is in another file. */
export const dataElsewhere = 4n

/** Also where the bit is not set. */
export function namesDataFile(head: Buffer): boolean {
  for (let at = length(head); at + 8 <= head.length; ) {
    const [kind, size] = [head.readUInt32BE(at), head.readUInt32BE(at + 4)]
    if (kind === extensions.dataFile) return true
    if (kind === extensions.end) return false
    at += 8 + Math.ceil(size / 8) * 8
  }
  return false
}

/** What takes the place of a head: the same tables, on the image `below` or on none, and nothing else of what it said. */
export function renewQcow2(head: Buffer, below?: string): Buffer {
  const own = Buffer.alloc(qcow2HeadBytes)
  head.copy(own, 0, 0, 60)
  own.writeUInt32BE(3, 4)
  own.fill(0, 8, 20)
  own.fill(0, 32, 36)
  // How long its counters are, which the older version does not say.
  own.writeUInt32BE(head.readUInt32BE(4) === 3 ? head.readUInt32BE(96) : 4, 96)
  own.writeUInt32BE(104, 100)
  if (below === undefined) return own
  own.writeUInt32BE(extensions.backingFormat, 104)
  own.writeUInt32BE(5, 108)
  own.write('qcow2', 112)
  const name = Buffer.from(below)
  own.writeBigUInt64BE(128n, 8)
  own.writeUInt32BE(name.length, 16)
  name.copy(own, 128)
  return own
}
