/** A simulated terminal, with what our display needs: its size, and what was written to it. */

import { Writable } from 'node:stream'

export interface FakeTerminal extends NodeJS.WriteStream {
  text(): string
}

export function fakeTerminal(size: { columns: number; rows: number } | undefined): FakeTerminal {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return Object.assign(stream, { isTTY: size !== undefined, ...size, text: () => chunks.join('') }) as never
}
