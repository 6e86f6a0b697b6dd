import { expect, test } from 'vitest'
import { mmdebstrapNotes } from '../../scripts/image/mmdebstrap-notes.ts'

test('the counts of a build start anew with the second run of apt and name its total', () => {
  const notes: string[] = []
  const read = mmdebstrapNotes((detail) => notes.push(detail))
  const lines = [
    '0 upgraded, 69 newly installed, 0 to remove and 0 not upgraded.',
    'Unpacking base-files (12.4+deb12u12) ...',
    '0 upgraded, 824 newly installed, 0 to remove and 0 not upgraded.',
    'Get:1 http://mirror.test/debian bookworm/main amd64 apache2 amd64 2.4.67-1 [100 kB]',
    'Unpacking apache2 (2.4.67-1) ...',
    'Setting up apache2 (2.4.67-1) ...',
    'invoke-rc.d: policy-rc.d denied execution of start.',
    'phase: byte code',
  ]
  for (const line of lines) read(line)
  expect(notes).toEqual([
    'unpacking 1 of 69',
    'downloading 1 of 824',
    'unpacking 1 of 824',
    'setting up 1 of 824',
    'byte code',
  ])
})
