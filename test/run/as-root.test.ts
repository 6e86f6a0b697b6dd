/** A script of root's goes with the program that started it, and takes along what it runs. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { asRoot } from '../../scripts/run/as-root.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const checkout = join(import.meta.dirname, '../..')

describe.runIf(isRoot)('a script of root', () => {
  test('gives its output, and says what failed', async () => {
    expect((await asRoot('look', 'id -u; umask')).stdout).toBe('0\n0077')
    await expect(asRoot('break', 'echo no room >&2; exit 3')).rejects.toThrow(/break[\s\S]*no room/)
  })

  test('with mounts of its own, unmounts nothing of ours', async () => {
    const folder = temporaryFolder()
    await asRoot('mount', `mount -t tmpfs none '${folder}'; echo >'${folder}/file'`, { ownMounts: true })
    expect(existsSync(join(folder, 'file'))).toBe(false)
  })

  test.each(['SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'ends with all it runs after %s to our program alone',
    async (signal) => {
      const file = join(temporaryFolder(), 'pid')
      const program = `const { asRoot } = await import('./scripts/run/as-root.ts')
await asRoot('copy', "bash -c 'echo $$ >${file}.new; mv ${file}.new ${file}; sleep 300; :'; :")`
      const child = execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        cwd: checkout,
        reject: false,
      })
      await expect.poll(() => existsSync(file), { timeout: 50_000 }).toBe(true)
      const pid = readFileSync(file, 'utf8').trim()
      expect(existsSync(`/proc/${pid}`)).toBe(true)
      child.kill(signal)
      await child
      await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false)
    },
  )
})
