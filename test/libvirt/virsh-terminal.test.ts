/** virsh on a terminal, where polkit's agent would ask for a password and wait for it. */

import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { virshWithin } from '../../scripts/libvirt/script.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

test('has no terminal on which to ask', async () => {
  const folder = temporaryFolder()
  const virsh = join(folder, 'virsh')
  // As libvirt decides whether it can ask.
  await writeFile(
    virsh,
    `#!/bin/sh\n(: </dev/tty) 2>/dev/null && echo asks >>${folder}/seen || echo silent >>${folder}/seen\n`,
  )
  await chmod(virsh, 0o755)
  const onTerminal = (command: string) =>
    execa('script', ['-qec', command, '/dev/null'], {
      stdin: 'ignore',
      env: { PATH: `${folder}:${process.env['PATH']}` },
    })
  await onTerminal('virsh -q list')
  await onTerminal(`${virshWithin(5).join(' ')} list`)
  expect(await readFile(join(folder, 'seen'), 'utf8')).toBe('asks\nsilent\n')
})
