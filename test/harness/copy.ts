/** A fresh copy of the checkout, like a clone, and commands run in it as a user would run them. */

import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa, type Result } from 'execa'

const source = resolve(import.meta.dirname, '../..')

export interface Copy {
  root: string
  /** Runs a command in the copy; its output goes to this test's log as it arrives. Never throws. */
  run(file: string, ...args: string[]): Promise<Result>
  /** The same with an input; nothing of it is shown in the log. */
  feed(input: string, file: string, ...args: string[]): Promise<Result>
  remove(): Promise<void>
}

/** Copies what git would clone (tracked files, and new ones that are not ignored) to a new folder. */
export async function copyCheckout(name = 'duostack-e2e-', parent = tmpdir()): Promise<Copy> {
  const root = await mkdtemp(join(parent, name))
  const { stdout } = await execa('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: source })
  for (const file of stdout.split('\0').filter(Boolean)) {
    await cp(join(source, file), join(root, file), { verbatimSymlinks: true }).catch((error: NodeJS.ErrnoException) => {
      // A file that is deleted but not yet committed is still listed.
      if (error.code !== 'ENOENT') throw error
    })
  }
  return { ...useCheckout(root), remove: () => rm(root, { recursive: true, force: true }) }
}

/** An allowed but unusual folder name: everything must work there. */
const oddName = `duostack "faults" %41#?$HOME'ü-`

/** The same with this checkout's node modules, for tests that are not about `npm ci`, which takes most of a minute. */
export async function copyInstalled(parent?: string): Promise<Copy> {
  const copy = await copyCheckout(oddName, parent)
  for (const folder of ['node_modules', 'terraform-providers/gen']) {
    await execa('cp', ['-r', join(source, folder), join(copy.root, folder)])
  }
  // The rest of what `npm ci` does: compiled programs are cached by their path.
  await execa(process.execPath, ['scripts/translate.mjs'], { cwd: copy.root })
  return copy
}

/** Commands in a folder that is kept; run by `user`, if it is not the one who tests. */
export function useCheckout(root: string, user?: User): Copy {
  const way = (file: string, args: string[]) => (user ? asUser(user, file, args) : ([file, args] as const))
  return {
    root,
    run: (file, ...args) => {
      console.error(`$ ${file} ${args.join(' ')}`)
      const shown = { stdout: ['pipe', 'inherit'], stderr: ['pipe', 'inherit'] } as const
      return execa(...way(file, args), { ...userSettings(root), stdin: 'ignore', ...shown }) as Promise<Result>
    },
    feed: (input, file, ...args) => execa(...way(file, args), { ...userSettings(root), input }) as Promise<Result>,
    remove: async () => {},
  }
}

/** With `--here`: this checkout, whose lab is used and kept, for someone who works on one part. */
export const here = process.env['DUOSTACK_TEST_HERE'] === '1' ? useCheckout(source) : undefined

interface User {
  name: string
  home: string
}

/** With an environment of their own, as after a login. */
function asUser({ name, home }: User, file: string, args: string[]): readonly [string, string[]] {
  const path = ['/usr/local/bin', '/usr/bin', '/bin', dirname(process.execPath)].join(':')
  const environment = [`HOME=${home}`, `USER=${name}`, `LOGNAME=${name}`, `PATH=${path}`, 'NO_COLOR=1']
  return ['runuser', ['-u', name, '--', 'env', '-i', ...environment, file, ...args]]
}

/**
 * For execa: a command as from a user's shell in that folder, with `more` added to its environment. It never throws.
 * npm's variables of this test run must not reach it: a user's shell has none of them.
 */
export function userSettings(root: string, more: Readonly<Record<string, string>> = {}) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(npm_|VITEST|NODE_OPTIONS|INIT_CWD)/.test(key)),
  ) as Record<string, string>
  const all = { ...env, PWD: root, NO_COLOR: '1', ...more }
  return { cwd: root, env: all, extendEnv: false, reject: false, all: true } as const
}
