/** The newest packets of a stream of tcpdump's, as many as fit: whole records behind the header of the file. */

const headerBytes = 24
const recordHeaderBytes = 16
/** tcpdump's own limit of a packet; a record that claims more is no record. */
const largestPacket = 262_144

export interface PcapRing {
  take(chunk: Uint8Array): void
  /** Packets that are kept, and older ones that had to go. */
  count(): { kept: number; dropped: number; bytes: number }
  /** A file that Wireshark opens; empty if not even the header came. */
  content(): Buffer
}

/** `limit`: bytes, with the header. Throws Error for a stream that is not a pcap file in this machine's byte order. */
export function pcapRing(limit: number): PcapRing {
  let rest = Buffer.alloc(0)
  let header: Buffer | undefined
  let records: Buffer[] = []
  let first = 0
  let bytes = headerBytes
  const keep = (record: Buffer) => {
    records.push(record)
    bytes += record.length
    while (bytes > limit && first < records.length) bytes -= records[first++]!.length
    // Removing one by one from the front of a long list would take too long.
    if (first > 1000 && first > records.length / 2) drop()
  }
  let forgotten = 0
  const drop = () => {
    forgotten += first
    records = records.slice(first)
    first = 0
  }
  return {
    take(chunk) {
      rest = Buffer.concat([rest, chunk])
      if (!header && rest.length >= headerBytes) {
        header = Buffer.from(rest.subarray(0, headerBytes))
        rest = rest.subarray(headerBytes)
        if (header.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('not a pcap file')
      }
      while (header && rest.length >= recordHeaderBytes) {
        const length = rest.readUInt32LE(8)
        if (length > largestPacket) throw new Error('not a pcap record')
        if (rest.length < recordHeaderBytes + length) break
        // A copy: a view would keep the whole chunk alive.
        keep(Buffer.from(rest.subarray(0, recordHeaderBytes + length)))
        rest = rest.subarray(recordHeaderBytes + length)
      }
    },
    count: () => ({ kept: records.length - first, dropped: forgotten + first, bytes }),
    content: () => (header ? Buffer.concat([header, ...records.slice(first)]) : Buffer.alloc(0)),
  }
}
