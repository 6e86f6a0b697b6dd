/** A user's server: what is done to it, and what it shows afterwards. */

import { expect } from 'vitest'
import { client, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { inInstance } from '../harness/instance.ts'
import { runInside } from '../harness/lab.ts'

export interface Server {
  copy: Copy
  id: string
  address: string
}

/** What `server show` says about it. */
export type Shown = Record<string, unknown> & { id: string; status: string; addresses: Record<string, string[]> }

export const show = ({ copy, id }: Pick<Server, 'copy' | 'id'>) => openstack<Shown>(copy, 'server', 'show', id)

/** A server that allows ssh, with a file on its disk. */
export async function createServer(copy: Copy, name: string, ...options: string[]): Promise<Server> {
  const open = ['--network', 'provider', '--key-name', 'duostack', '--security-group', 'ping-and-ssh']
  const { id, addresses } = await openstack<Shown>(copy, 'server', 'create', ...open, ...options, '--wait', name)
  const server = { copy, id, address: Object.values(addresses)[0]![0]! }
  await inside(server, 'echo kept >/kept; sync')
  return server
}

export const deleteServer = ({ copy, id }: Server) => client(copy, 'server', 'delete', '--wait', id)

/** The output of a command in it, once it has booted. */
export async function inside({ copy, address }: Server, command: string): Promise<string> {
  let seen = ''
  const look = async () => {
    seen = await inInstance(copy, address, `${command}; echo ended`).catch(() => '')
    return seen
  }
  await expect.poll(look, { timeout: 180_000, interval: 3000 }).toMatch(/^ended$/m)
  return seen.replace(/\n?ended\n?$/, '')
}

/** Its disk is still the one on which the file was written. */
export const expectKept = async (server: Server) => expect(await inside(server, 'cat /kept')).toBe('kept')

/** Waits for a status; if the server went into ERROR it stops waiting and reports the fault. */
export async function expectStatus(server: Pick<Server, 'copy' | 'id'>, status: string): Promise<Shown> {
  let shown = await show(server)
  const settled = () => shown.status === status || shown.status === 'ERROR'
  const look = async () => {
    shown = await show(server)
    return settled() && shown['OS-EXT-STS:task_state'] === null
  }
  await expect.poll(look, { timeout: 300_000, interval: 2000 }).toBe(true)
  expect(shown.status, JSON.stringify(shown['fault'])).toBe(status)
  return shown
}

/** By REST, with a microversion for which the client has no option. */
export async function act({ copy, id }: Server, version: string, body: object): Promise<void> {
  const program = ['node', 'scripts/run.mjs', 'test/faults/server-action.ts']
  await runInside(copy, ...program, id, version, JSON.stringify(body))
}
