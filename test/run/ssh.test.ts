/** Running commands over ssh: what each failure means, and to which hosts it refuses to connect. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandError, ConnectError } from '../../scripts/declaration/errors.ts'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { disconnect, sshHost } from '../../scripts/run/ssh.ts'
import { type Sshd, startSshd } from '../engine/sshd.ts'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

const run = (script: string, options = {}, lab: Lab = sshd.lab, node = sshd.node) =>
  sshHost(lab, node).run(script, { step: 'trying', ...options })
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error) => error,
  )

test('returns stdout, and its lines as they arrive', async () => {
  const lines: string[] = []
  expect(await run('echo one; echo two; echo aside >&2', { onLine: (line: string) => lines.push(line) })).toBe(
    'one\ntwo\n',
  )
  expect(lines).toEqual(['one', 'two'])
})

test("the script's stdin is empty and errexit is on", async () => {
  expect(await run('cat; echo rest')).toBe('rest\n')
  await expect(run('false; echo never')).rejects.toThrow('controller: trying: exit code 1')
})

test("a command's exit code is passed on, also 255", async () => {
  const error = await failure(run('echo broken; exit 255'))
  expect(error).toBeInstanceOf(CommandError)
  expect(error?.message).toBe(
    `controller: trying: exit code 254\n    command: ssh -F ${sshd.folder}/ssh_config controller\n    broken`,
  )
})

test('a server that does not answer is a connection error with a line to paste', async () => {
  const error = await failure(
    run(':', {}, { ...sshd.lab, id: 'other', paths: { ...sshd.lab.paths, ssh: join(sshd.folder, 'none') } }),
  )
  expect(error).toBeInstanceOf(ConnectError)
  expect(error?.message).toMatch(/^controller: no connection: .*ssh_config.*No such file/)
  expect(error?.message).toMatch(/\n {4}try: ssh -F .*\/none\/ssh_config controller$/)
})

test('in a namespace the line to paste enters it first', () => {
  const host = sshHost({ ...sshd.lab, isolation: 'netns' }, sshd.node)
  expect(host.paste?.('uptime')).toBe(`./lab exec -- ssh -F ${sshd.folder}/ssh_config controller uptime`)
})

test('a node is not contacted when the route to it leaves by another interface', async () => {
  const management = { ...sshd.lab.networks.management, bridge: '1a2b3c4d-mgmt' }
  const elsewhere = { ...sshd.lab, networks: { ...sshd.lab.networks, management } }
  const error = await failure(run('echo never', {}, elsewhere))
  expect(error).toBeInstanceOf(ConnectError)
  expect(error?.message).toBe(
    "controller: no connection: 127.0.0.1 would be reached through lo, not through the lab's own bridge 1a2b3c4d-mgmt\n    try: ./lab doctor",
  )
})

test('a command that runs while another part of the program disconnects goes on to its end', async () => {
  await run('true')
  const slow = run(`touch ${sshd.folder}/begun; sleep 1; echo done`)
  await expect.poll(() => existsSync(join(sshd.folder, 'begun'))).toBe(true)
  disconnect()
  expect(await slow).toBe('done\n')
  expect(await run('echo again')).toBe('again\n')
})

test('a command that does not end is killed on the node too', async () => {
  const error = await failure(run(`echo $$ >${sshd.folder}/pid; sleep 60`, { timeoutSeconds: 0.2 }))
  expect(error?.message).toMatch(/exit code 124\n.*\n {4}\(stopped after 0.2 s\)$/)
  expect((await run(`kill -0 $(cat ${sshd.folder}/pid) 2>&1 || echo gone`)).trim()).toMatch(/gone$/)
})
