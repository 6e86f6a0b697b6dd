/** Temporary checkouts with their own declaration, so that the tests do not depend on ansible-vars/. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'

/** The folder of a valid declaration, which tests copy and break. */
export const rightDeclaration = join(import.meta.dirname, 'ansible-vars')

const files = {
  hosts: 'ansible-vars/hosts.yml',
  all: 'ansible-vars/group_vars/all.yml',
  controller: 'ansible-vars/group_vars/controller.yml',
  compute: 'ansible-vars/group_vars/compute.yml',
  storage: 'ansible-vars/group_vars/storage.yml',
} as const
export type FileName = keyof typeof files
export const pathOf = (file: FileName) => files[file]

/** What this machine answered when a lab was first built. */
export const resolved = {
  hypervisor: 'lxc',
  isolation: 'netns',
  imageDigest: 'ab'.repeat(32),
  terraform: { name: 'terraform', path: '/usr/bin/terraform' },
  capabilities: { vlan: false, lvm: false },
} as const

/** In a file of the valid declaration, replaces `from` (which must occur there) with `to`. */
export type Edit = readonly [file: FileName, from: string, to: string]

const made: string[] = []
afterAll(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true })
})

/** A folder with a valid declaration, edited. Removed after the tests of the file. */
export function makeCheckout(...edits: readonly Edit[]): string {
  const root = mkdtempSync(join(tmpdir(), 'duostack-declaration-'))
  made.push(root)
  cpSync(rightDeclaration, join(root, 'ansible-vars'), { recursive: true })
  for (const [file, from, to] of edits) edit(root, file, from, to)
  return root
}

/** In a file of the declaration below a checkout, replaces `from` (which must occur there) with `to`. */
export function edit(root: string, file: FileName, from: string, to: string): void {
  const path = join(root, files[file])
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${files[file]} has no ${JSON.stringify(from)} to edit`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
}

export function writeIn(root: string, file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), content)
}

/** The message of the LabError that `work` throws; anything else fails the test. */
export function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof LabError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}
