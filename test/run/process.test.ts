/** Which language settings a program gets that we start on this machine. */

import { expect, test } from 'vitest'
import { runOnHost } from '../../scripts/run/process.ts'

test('output that we parse is in English', async () => {
  const before = { ...process.env }
  Object.assign(process.env, { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' })
  try {
    const read = await runOnHost('sh', ['-c', 'echo "$LC_ALL|$LANGUAGE"'], { step: 'read the language' })
    expect(read.stdout).toBe('C.UTF-8|')
    const own = await runOnHost('sh', ['-c', 'echo "$LC_ALL"'], { step: 'read it', env: { LC_ALL: 'C' } })
    expect(own.stdout).toBe('C')
  } finally {
    process.env = before
  }
})
