/** The logs of a running lab: merged, followed, found by request id, and exported without secrets. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Copy, userSettings } from '../harness/copy.ts'
import { expectRun } from '../harness/lab.ts'

const lineForm = /^(\d\d:\d\d:\d\d\.\d{3}) (controller|compute1) +(\S+) (?:(DEBUG|WARNING|ERROR|CRITICAL) )?/

async function linesOf(copy: Copy, ...args: string[]): Promise<string[]> {
  const { stdout, exitCode } = await copy.run('./lab', 'logs', ...args)
  expect(exitCode).toBe(0)
  return String(stdout)
    .split('\n')
    .filter((line) => lineForm.test(line))
}

const nodesIn = (lines: readonly string[]) => [...new Set(lines.map((line) => lineForm.exec(line)?.[2]))].toSorted()

/** Follows Keystone until a line of the request appears, then stops like a person; returns what was shown. */
async function follow(copy: Copy): Promise<string> {
  const child = execa('./lab', ['logs', '--follow', 'keystone'], { ...userSettings(copy.root), stdin: 'ignore' })
  let shown = ''
  const asked = new Promise((resolve) => setTimeout(resolve, 5000)).then(() =>
    copy.run('./lab', 'openstack', 'project', 'show', 'no-such-project'),
  )
  const limit = setTimeout(() => child.kill('SIGINT'), 60_000)
  for await (const line of child.iterable({ from: 'all' })) {
    shown += `${line}\n`
    if (String(line).includes('no-such-project')) child.kill('SIGINT')
  }
  clearTimeout(limit)
  await asked
  await child
  return shown
}

async function textsIn(archive: string): Promise<{ folder: string; names: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'duostack-export-'))
  await execa('tar', ['-xzf', archive, '-C', folder])
  const { stdout } = await execa('find', ['.', '-type', 'f'], { cwd: folder })
  return { folder, names: stdout.split('\n') }
}

export function logTests(copyOf: () => Copy): void {
  describe('logs', () => {
    test('of both nodes are merged by time', async () => {
      const lines = await linesOf(copyOf(), 'nova', 'neutron', '--since', '1d')
      expect(nodesIn(lines)).toEqual(['compute1', 'controller'])
      const logs = new Set(lines.map((line) => lineForm.exec(line)?.[3]))
      for (const log of ['nova-api', 'nova-scheduler', 'nova-compute', 'neutron-api']) expect(logs).toContain(log)
      const times = lines.map((line) => line.slice(0, 12))
      // The times of a lab that ran past midnight start again at 00:00.
      expect(times.filter((time, index) => index > 0 && time < times[index - 1]!).length).toBeLessThanOrEqual(1)
    })

    test('can be limited to one node and one level', async () => {
      expect(nodesIn(await linesOf(copyOf(), '--node', 'compute1', '--since', '1d'))).toEqual(['compute1'])
      const bad = await linesOf(copyOf(), '--level', 'WARNING', '--since', '1d')
      expect(bad.length).toBeGreaterThan(0)
      expect(bad.filter((line) => !/ (WARNING|ERROR|CRITICAL) /.test(line))).toEqual([])
    })

    test('of one request go through the services of both nodes', async () => {
      const list = await copyOf().run('./lab', 'openstack', 'server', 'event', 'list', 'test', '-f', 'json')
      const events = JSON.parse(String(list.stdout)) as Record<string, string>[]
      const request = events.find((event) => event['Action'] === 'create')!['Request ID']!
      const lines = await linesOf(copyOf(), '--request', request)
      expect(nodesIn(lines)).toEqual(['compute1', 'controller'])
      expect(lines.every((line) => line.includes(request))).toBe(true)
    })

    test('are followed as they are written, and nothing keeps running afterwards', async () => {
      expect(await follow(copyOf())).toContain('no-such-project')
      for (const node of ['controller', 'compute1']) {
        const left = await copyOf().run('./lab', 'ssh', node, 'sleep 1; pgrep -fc "^journalctl -f|^tail -q" || true')
        expect(String(left.stdout).trim()).toBe('0')
      }
    })

    test('are packed for a bug report, and no secret is in it', async () => {
      const archive = join(copyOf().root, 'report.tar.gz')
      await expectRun(copyOf(), 'logs', 'export', '--output', archive)
      const { folder, names } = await textsIn(archive)
      const secrets = Object.values(
        parse(await readFile(join(copyOf().root, 'ansible-vars/secrets.yml'), 'utf8')) as object,
      )
      expect(secrets.length).toBeGreaterThan(15)
      const forms = secrets.flatMap((secret) => [
        String(secret),
        Buffer.from(String(secret)).toString('base64').slice(0, 40),
      ])
      const patterns = [...forms, 'gAAAAA', 'BEGIN [A-Z ]*PRIVATE KEY-----$']
      for (const pattern of patterns) {
        const found = await execa('grep', ['-rlE', '--', pattern.replaceAll(/[+]/g, '[+]'), folder], { reject: false })
        expect(found.stdout.replaceAll(folder, '')).toBe('')
      }
      for (const wanted of [
        'controller/var/log/nova/nova-api.log',
        'compute1/journal.txt',
        'host/status.json',
        'controller/etc/nova/nova.conf',
      ]) {
        expect(
          names.some((name) => name.endsWith(wanted)),
          wanted,
        ).toBe(true)
      }
      expect(names.filter((name) => name.includes('secrets.yml'))).toEqual([])
      await Promise.all([rm(folder, { recursive: true }), rm(archive)])
    })
  })
}
