/** An ordinary user of this machine, with a home and sudo, who is there for one test. */

import { existsSync } from 'node:fs'
import { cp, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { execa } from 'execa'
import { mirrorFolder } from '../../scripts/terraform/cache.ts'
import { type Copy, copyInstalled, useCheckout } from './copy.ts'

const name = 'duostack-student'
const home = `/home/${name}`
const rule = `/etc/sudoers.d/${name}`

/** Only root can make a user, and only with sudo can the user run a lab. */
export async function canMakeUser(): Promise<boolean> {
  return process.getuid?.() === 0 && (await execa('which', ['useradd', 'sudo'], { reject: false })).exitCode === 0
}

/** A copy of this checkout in the user's home, with commands run by them. `remove` also removes the user. */
export async function copyForUser(): Promise<Copy> {
  // A test that was killed may have left one.
  await removeUser()
  await execa('useradd', ['--create-home', '--key', 'HOME_MODE=0700', '--shell', '/bin/bash', name])
  await writeFile(rule, `${name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 })
  const copy = await copyInstalled(home)
  await giveProviders()
  await execa('chown', ['-R', `${name}:`, home])
  return {
    ...useCheckout(copy.root, { name, home }),
    remove: async () => {
      await copy.remove()
      await removeUser()
    },
  }
}

/** Those that were built here: where no registry answers, the user would need Go to build them. */
async function giveProviders(): Promise<void> {
  const mirror = mirrorFolder()
  if (existsSync(mirror)) await cp(mirror, join(home, relative(homedir(), mirror)), { recursive: true })
}

async function removeUser(): Promise<void> {
  await rm(rule, { force: true })
  await execa('userdel', ['--remove', name], { reject: false })
}

/** The user can read it, nobody else. */
export async function giveFile(file: string, to: string): Promise<void> {
  await execa('install', ['-o', name, '-m', '0600', file, to])
}
