/** The lab that a suite uses: which one, building and removing it, its declaration, its nodes. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Networking } from '../../scripts/declaration/lab.ts'
import type { Copy } from './copy.ts'
import { stackTrace, tail } from './output.ts'

export const hypervisor = process.env['DUOSTACK_E2E_HYPERVISOR'] ?? 'lxc'

/** How much slower than native the nodes are. */
export const slowness = hypervisor === 'qemu' ? 12 : 1

/** Of the lab as it is declared here. */
export const nodes = ['controller', 'compute1'] as const

/** A command of the lab that must succeed. Returns its output. */
export async function expectRun(copy: Copy, ...command: string[]): Promise<string> {
  const result = await copy.run('./lab', ...command)
  expect(result.exitCode, tail(result.all)).toBe(0)
  return String(result.all)
}

/** `up` with what is declared. */
export const bringUp = (copy: Copy, ...options: string[]) => expectRun(copy, 'up', ...options)

/** `status` allows 2 s for an answer, which a cloud that has just been changed may exceed; this waits. */
export const expectHealthy = (copy: Copy) => expectRun(copy, 'wait', '--for', 'healthy')

export const takeDown = (copy: Copy, ...options: string[]) => expectRun(copy, 'down', '--yes', ...options)

/** A program run where the lab's addresses can be reached; it must succeed. Returns its output. */
export async function runInside(copy: Copy, ...command: string[]): Promise<string> {
  const result = await copy.run('./lab', 'exec', '--', ...command)
  expect(result.exitCode, tail(result.all)).toBe(0)
  return String(result.stdout)
}

/** Refused before anything was touched: exit code 1 or 2, and no stack trace. */
export async function expectRefused(copy: Copy, ...command: string[]): Promise<string> {
  const refused = await copy.run('./lab', ...command)
  expect([1, 2], tail(refused.all)).toContain(refused.exitCode)
  expect(String(refused.all)).not.toMatch(stackTrace)
  return String(refused.all)
}

/** bash on a node, over the lab's own ssh. Returns its output without the last newline. */
export async function onNode(copy: Copy, node: string, script: string): Promise<string> {
  const result = await copy.run('./lab', 'ssh', node, script)
  expect(result.exitCode, `${node}: ${script}\n${tail(result.all)}`).toBe(0)
  return String(result.stdout)
}

/** A statement for bash on the controller; rows without a header. */
export const sql = (database: string, query: string) => `mariadb -N -B ${database} -e "${query}"`

/** The client's arguments for a small server on the provider network. */
export const smallServer = ['--image', 'duostack-test', '--flavor', 'm1.nano', '--network', 'provider'] as const

/** In one file of the declaration, replaces `from`, which must match, with `to`. */
export async function editDeclaration(copy: Copy, file: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readDeclaration(copy, file)
  expect(from instanceof RegExp ? text.search(from) >= 0 : text.includes(from), `${file} has ${from}`).toBe(true)
  await writeFile(join(copy.root, 'ansible-vars', file), text.replace(from, to))
}

/** The next `up` changes the lab to it. */
export const declareNetworking = (copy: Copy, networking: Networking) =>
  editDeclaration(copy, 'group_vars/all.yml', /^lab_networking:.*$/m, `lab_networking: ${networking}`)

export const readDeclaration = (copy: Copy, file: string) => readFile(join(copy.root, 'ansible-vars', file), 'utf8')
