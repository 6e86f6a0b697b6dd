/**
 * What tenants write and break, as the admin sees it: hostile names and requests, failed servers, changed security
 * group rules.
 */

import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { client, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import { raw } from '../terminal/hostile.ts'

const part = 'tenants'

/** Nova accepts no control characters in names, Cinder and Glance accept all. */
const names = {
  volume: 'v\u001b]0;owned\u0007\u001b[2J\r\n  ✓ forged\u202e\u009b31m',
  image: 'i\u001b\u001b[0m[31m\u200b\r\nx',
  server: 'x-$(touch pwned)`touch pwned`;touch pwned',
}
/** A disk too large for any node: never scheduled. Quotas do not cover disks. */
const flavor = 'tenants-huge'
/** A shell would create this file if the text were pasted carelessly. */
const pwned = (copy: Copy) => join(copy.root, 'pwned')

const asDemo = (copy: Copy, ...words: string[]) => client(copy, '--os-cloud', 'demo', ...words)

/** As a raw request that no client would send; to every API of the controller. */
async function askForHostilePaths(copy: Copy): Promise<void> {
  const path = '/v3/\\033\\033[0m[31mnested\\r\\033]0;owned\\007'
  const ask = (port: number) =>
    `exec 3<>/dev/tcp/10.0.0.11/${port}; printf 'GET ${path} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3; timeout 5 head -c 300 <&3 >/dev/null`
  const quoted = (port: number) =>
    `curl -s -m 5 -o /dev/null 'http://10.0.0.11:${port}/v3/%1b%1b%5b0m%5b31mnested%0d%0a'`
  const all = [5000, 8774, 8776, 9292, 9696].map((port) => `(${ask(port)}); ${quoted(port)}`)
  await copy.run('./lab', 'exec', '--', 'bash', '-c', `${all.join('\n')}\ntrue`)
}

async function expectHarmless(copy: Copy, ...command: string[]): Promise<{ exitCode?: number; stdout: string }> {
  const { exitCode, stdout, stderr } = await copy.run('./lab', ...command)
  for (const text of [stdout, stderr].map(String)) {
    expect(text.split('\n').filter((line) => raw.test(line.replaceAll('\t', '')))).toEqual([])
    expect(text).not.toMatch(/^ {2}✓ forged/m)
  }
  return { ...(exitCode === undefined ? {} : { exitCode }), stdout: String(stdout) }
}

interface Troubles {
  healthy: boolean
  troubles: { what: string; next: string; ofUser: boolean }[]
  cloud: { volumes: { name: string }[] }
}
interface Diagnosed {
  problems: { rule: string; about: string; next: string; ofUser: boolean }[]
}

async function removeAll(copy: Copy): Promise<void> {
  const remove = async (kind: string, ...all: string[]) => {
    const list = await openstack<{ ID: string; Name: string }[]>(copy, kind, 'list', ...all)
    const own = [...Object.values(names), flavor]
    for (const { ID, Name } of list) if (own.includes(Name)) await copy.run('./lab', 'openstack', kind, 'delete', ID)
  }
  await remove('server', '--all-projects')
  await remove('volume', '--all-projects')
  await remove('image')
  await remove('flavor', '--all')
  await rm(pwned(copy), { force: true })
}

export function tenantTests(copy: () => Copy): void {
  test("hostile names and requests do nothing to the admin's terminal or shell", () =>
    recorded(part, 'hostile names of volume, image, server; a request with nested escapes', async () => {
      try {
        await asDemo(copy(), 'volume', 'create', '--size', '1', names.volume)
        const image = ['--disk-format', 'raw', '--container-format', 'bare', '--file', '/etc/hostname']
        await asDemo(copy(), 'image', 'create', ...image, names.image)
        await client(copy(), 'flavor', 'create', '--ram', '64', '--disk', '99999', '--vcpus', '1', flavor)
        const server = ['--image', 'duostack-test', '--flavor', flavor, '--network', 'provider']
        await asDemo(copy(), 'server', 'create', ...server, names.server)
        await askForHostilePaths(copy())
        const status = () => expectHarmless(copy(), 'status', '--json')
        await expect.poll(async () => (await status()).exitCode, { timeout: 90_000, interval: 3000 }).toBe(3)
        const said = JSON.parse((await status()).stdout) as Troubles
        expect(said.cloud.volumes.map(({ name }) => name)).toContain(names.volume)
        expect(said).toMatchObject({ healthy: true, troubles: [{ what: `instance ${names.server}`, ofUser: true }] })
        expect((await expectHarmless(copy(), 'status')).stdout).toContain('v\\x1b]0;owned\\x07\\x1b[2J\\r\\n')
        const logs = await expectHarmless(copy(), 'logs', '--since', '10m')
        expect(logs.stdout).toMatch(/\\x1b\[31mnested/)
        for (const command of [['topology'], ['verify'], ['logs', 'base'], ['topology', '--html']])
          await expectHarmless(copy(), ...command)
        await expectHarmless(copy(), 'report', '--kept')
        const page = await readFile(join(copy().root, '.lab/report.html'), 'utf8')
        expect(page.split('\n').filter((line) => raw.test(line.replaceAll('\t', '')))).toEqual([])
        const doctor = await expectHarmless(copy(), 'doctor')
        expect(doctor.exitCode, doctor.stdout).toBe(3)
        expect(doctor.stdout).toContain('No valid host was found')
        const { problems } = JSON.parse((await expectHarmless(copy(), 'doctor', '--json')).stdout) as Diagnosed
        expect(problems).toMatchObject([{ rule: 'instance-error', ofUser: true }])
        // By id: the server is demo's, the client is admin's; the pasted command shows the fault and deletes it.
        const [{ next }] = problems as [Diagnosed['problems'][number]]
        expect(said.troubles[0]?.next).toBe(next)
        const pasted = await copy().run('bash', '-c', next)
        expect(pasted.exitCode, tail(pasted.all)).toBe(0)
        expect(pasted.stdout).toContain('fault')
        await expect.poll(async () => (await status()).exitCode, { timeout: 60_000, interval: 3000 }).toBe(0)
        expect(existsSync(pwned(copy()))).toBe(false)
        return 'shown as text by every command, exact in JSON; the commands to paste name ids, and work; exit code 3'
      } finally {
        await removeAll(copy())
      }
    }))

  test("lesson 2: the lab's ICMP rule removed and restored by hand", () =>
    recorded(part, 'the ICMP rule deleted, and made again by hand', async () => {
      const list = () =>
        openstack<{ ID: string; 'IP Protocol': string }[]>(copy(), 'security', 'group', 'rule', 'list', 'ping-and-ssh')
      const path = async () => copy().run('./lab', 'topology', '--path', 'test')
      const own = (await list()).find((one) => one['IP Protocol'] === 'icmp')!
      await client(copy(), 'security', 'group', 'rule', 'delete', own.ID)
      const closed = async () => String((await path()).stdout)
      await expect.poll(closed, { timeout: 60_000, interval: 3000 }).toMatch(/first failed check: .*filter allows ping/)
      await client(copy(), 'security', 'group', 'rule', 'create', '--protocol', 'icmp', 'ping-and-ssh')
      await expect.poll(async () => (await path()).exitCode, { timeout: 60_000, interval: 3000 }).toBe(0)
      expect(await bringUp(copy())).toContain('Terraform: 1 added, 0 changed, 0 destroyed')
      expect(await list()).toHaveLength(4)
      expect((await path()).exitCode).toBe(0)
      expect(await bringUp(copy())).toContain('Terraform: 0 added, 0 changed, 0 destroyed')
      return 'up made its own rule in place of it: 1 added, and then 0'
    }))
}
