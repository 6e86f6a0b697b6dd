/** Copies this checkout into a user's home, like a clone, including uncommitted changes. */

import { cp, mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'

const source = resolve(import.meta.dirname, '../..')

/** With DUOSTACK_HOSTS_HEAD=1 only what is committed. */
export async function cloneInto(folder: string): Promise<void> {
  await execa('git', ['clone', '-q', '--no-hardlinks', source, folder])
  if (process.env['DUOSTACK_HOSTS_HEAD'] === '1') return
  const list = async (...options: string[]) =>
    (await execa('git', ['ls-files', '-z', '--exclude-standard', ...options], { cwd: source })).stdout
      .split('\0')
      .filter(Boolean)
  const deleted = await list('-d')
  for (const file of deleted) await rm(join(folder, file), { force: true })
  for (const file of (await list('-mo')).filter((one) => !deleted.includes(one))) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await cp(join(source, file), join(folder, file), { verbatimSymlinks: true })
  }
}

/** A repository for a user to clone, including what is not committed yet. */
export async function publishInto(folder: string): Promise<void> {
  await cloneInto(folder)
  const git = (...words: string[]) => execa('git', ['-C', folder, ...words])
  await git('add', '-A')
  await git(
    '-c',
    'user.name=hosts',
    '-c',
    'user.email=hosts@localhost',
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    'as it is here',
  )
}
