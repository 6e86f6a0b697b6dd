/** The lab that faults are tried on, and what every part asks of it. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Copy, copyInstalled, useCheckout } from '../e2e/copy.ts'

export const hypervisor = process.env['DUOSTACK_E2E_HYPERVISOR'] ?? 'lxc'

/** Of the lab as it is declared here. */
export const nodes = ['controller', 'compute1'] as const

/** On the lab of this checkout, which stays: for who works on one part. */
const here = process.env['DUOSTACK_FAULTS_HERE'] === '1'

/** A fresh copy without a lab, or this checkout with its own. */
export async function openCheckout(): Promise<Copy> {
  return here ? useCheckout(join(import.meta.dirname, '../..')) : copyInstalled()
}

/** Up to what is declared; fails with what it said. Gives its output. */
export async function bringUp(copy: Copy, ...options: string[]): Promise<string> {
  const up = await copy.run('./lab', 'up', ...options)
  expect(up.exitCode, tail(up.all)).toBe(0)
  return String(up.all)
}

/** Refused before anything was touched: exit code 1 or 2, and no stack trace. */
export async function expectRefused(copy: Copy, ...command: string[]): Promise<string> {
  const refused = await copy.run('./lab', ...command)
  expect([1, 2], tail(refused.all)).toContain(refused.exitCode)
  expect(String(refused.all)).not.toMatch(stackTrace)
  return String(refused.all)
}

/** Of a program that did not expect what happened. */
export const stackTrace = /^\s+at .+\(?[^)]*:\d+:\d+\)?$/m

export const tail = (text: unknown, lines = 25): string => String(text).split('\n').slice(-lines).join('\n')

/** bash on a node, over the lab's own ssh. Gives its output, without the last line's end. */
export async function onNode(copy: Copy, node: string, script: string): Promise<string> {
  const result = await copy.run('./lab', 'ssh', node, script)
  expect(result.exitCode, `${node}: ${script}\n${tail(result.all)}`).toBe(0)
  return String(result.stdout)
}

/** A statement for bash on the controller; rows without a head. */
export const sql = (database: string, query: string) => `mariadb -N -B ${database} -e "${query}"`

/** On the controller, where nobody listens: refused at once. */
export const deadUrl = 'http://10.0.0.11:1'

/** What the client is told of a small server on the provider network. */
export const smallServer = ['--image', 'duostack-test', '--flavor', 'm1.nano', '--network', 'provider'] as const

/** In one file of the declaration `from`, which must match there, becomes `to`. */
export async function editDeclaration(copy: Copy, file: string, from: string | RegExp, to: string): Promise<void> {
  const path = join(copy.root, 'ansible-vars', file)
  const text = await readFile(path, 'utf8')
  expect(from instanceof RegExp ? from.test(text) : text.includes(from), `${file} has ${from}`).toBe(true)
  await writeFile(path, text.replace(from, to))
}

export const readDeclaration = (copy: Copy, file: string) => readFile(join(copy.root, 'ansible-vars', file), 'utf8')

/** The console proxy goes from the controller; by dpkg, as apt would leave its cache there. Fails where it stayed. */
export const purgeConsole = 'dpkg --purge nova-consoleproxy novnc >/dev/null 2>&1; ! dpkg -s novnc >/dev/null 2>&1'
