/** A fresh copy of the checkout, like a clone, and commands run in it as a user would run them. */

import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa, type Result } from 'execa'

const source = resolve(import.meta.dirname, '../..')

export interface Copy {
  root: string
  /** Runs a command in the copy; its output goes to this test's log as it arrives. Never throws. */
  run(file: string, ...args: string[]): Promise<Result>
  remove(): Promise<void>
}

/** Copies what git would clone (tracked files, and new ones that are not ignored) to a new folder. */
export async function copyCheckout(name = 'duostack-e2e-'): Promise<Copy> {
  const root = await mkdtemp(join(tmpdir(), name))
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
export async function copyInstalled(): Promise<Copy> {
  const copy = await copyCheckout(oddName)
  for (const folder of ['node_modules', 'terraform-providers/gen']) {
    await execa('cp', ['-r', join(source, folder), join(copy.root, folder)])
  }
  // The rest of what `npm ci` does: compiled programs are cached by their path.
  await execa(process.execPath, ['scripts/translate.mjs'], { cwd: copy.root })
  return copy
}

/** Commands in a folder that is kept. */
export function useCheckout(root: string): Copy {
  return {
    root,
    run: (file, ...args) => {
      console.error(`$ ${file} ${args.join(' ')}`)
      const shown = { stdout: ['pipe', 'inherit'], stderr: ['pipe', 'inherit'] } as const
      return execa(file, args, { ...userSettings(root), stdin: 'ignore', ...shown }) as Promise<Result>
    },
    remove: async () => {},
  }
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
