import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { lockFile, withLock } from '../../scripts/run/lock.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const module = join(import.meta.dirname, '../../scripts/run/lock.ts')

/** Another process that takes the lock and keeps it. */
async function holder(root: string) {
  const script = join(root, 'deploy.mts')
  writeFileSync(
    script,
    `import { lockFile, withLock } from ${JSON.stringify(module)}
await withLock(${JSON.stringify(root)}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)) })`,
  )
  const child = execa(process.execPath, ['scripts/run.mjs', script, 'up'], { reject: false })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  // A child is thenable: returned directly, it would be awaited.
  return { child }
}

test('a second command is refused and told who holds the lock; kill -9 frees it', async () => {
  const root = temporaryFolder()
  const { child } = await holder(root)
  const refused = withLock(root, async () => 'never')
  await expect(refused).rejects.toThrow(new RegExp(`held by deploy.mts up \\(process ${child.pid}, since 20`))
  child.kill('SIGKILL')
  await child
  await expect.poll(() => withLock(root, async () => 'free').catch(() => 'held'), { timeout: 3000 }).toBe('free')
})

test('a lock whose holder cannot be recorded, as on a full disk, is held anyway and ends with the command', async () => {
  const root = temporaryFolder()
  mkdirSync(join(root, '.lab'))
  symlinkSync('/dev/full', lockFile(root))
  const script = join(root, 'up.mts')
  writeFileSync(
    script,
    `import { withLock } from ${JSON.stringify(module)}
await withLock(${JSON.stringify(root)}, async () => console.log('held'))`,
  )
  const { stdout } = await execa(process.execPath, ['scripts/run.mjs', script], { timeout: 20_000 })
  expect(stdout).toBe('held')
})

test('a checkout on a read-only file system is named, with or without a folder of the lab', async () => {
  const root = temporaryFolder()
  const script = join(root, 'up.mts')
  writeFileSync(
    script,
    `import { runExpected } from ${JSON.stringify(join(module, '../expected.ts'))}
import { withLock } from ${JSON.stringify(module)}
await runExpected(() => withLock(${JSON.stringify(root)}, async () => console.log('held')))`,
  )
  const mounted = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
  const run = () =>
    execa('unshare', ['--mount', 'bash', '-c', mounted, root, process.execPath, 'scripts/run.mjs', script], {
      reject: false,
    })
  const refused = { exitCode: 1, stdout: '' }
  const said = (path: string) => expect.stringMatching(`^${path}: is on a read-only file system\n {4}expected: `)
  expect(await run()).toMatchObject({ ...refused, stderr: said(join(root, '.lab')) })
  mkdirSync(join(root, '.lab'))
  expect(await run()).toMatchObject({ ...refused, stderr: said(lockFile(root)) })
})

test('a nested call goes straight through, and the lock is free after an error', async () => {
  const root = temporaryFolder()
  await expect(
    withLock(root, () =>
      withLock(root, async () => {
        throw new Error('inside')
      }),
    ),
  ).rejects.toThrow('inside')
  await expect.poll(() => withLock(root, async () => 'free').catch(() => 'held'), { timeout: 3000 }).toBe('free')
})

test('after the last use the file and the folder are removed; whoever waited gets a new one', async () => {
  const root = temporaryFolder()
  await withLock(root, async () => {}, { last: true })
  expect(existsSync(join(root, '.lab'))).toBe(false)
  expect(await withLock(root, async () => 'again')).toBe('again')
})

test('with another file in the folder the lock file stays', async () => {
  const root = temporaryFolder()
  await withLock(root, async () => writeFileSync(join(root, '.lab/left'), ''), { last: true })
  expect(existsSync(lockFile(root))).toBe(true)
})

test('a lock on a file that was removed meanwhile is not valid: it is taken again', async () => {
  const root = temporaryFolder()
  const { child } = await holder(root)
  rmSync(lockFile(root))
  const { child: other } = await holder(root)
  await expect(withLock(root, async () => 'never')).rejects.toThrow(`process ${other.pid}`)
  for (const one of [child, other]) {
    one.kill('SIGKILL')
    await one
  }
})
