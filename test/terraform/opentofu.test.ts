import { expect, test } from 'vitest'
import { readWhole } from '../../scripts/terraform/opentofu.ts'

test('a download shows how much has arrived, and of how much if its size is known', async () => {
  const body = new Uint8Array(3_000_000).fill(7)
  const notes: string[] = []
  const sized = new Response(body, { headers: { 'content-length': '3000000' } })
  expect((await readWhole(sized, (note) => notes.push(note))).equals(Buffer.from(body))).toBe(true)
  expect(notes.at(-1)).toBe('3.0 of 3.0 MB')
  await readWhole(new Response(body), (note) => notes.push(note))
  expect(notes.at(-1)).toBe('3.0 MB')
})
