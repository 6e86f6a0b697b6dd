/** Part 9: waits end and say what they waited for; one lab has one master at a time. */

import { execa } from 'execa'
import { expect, test } from 'vitest'
import { type Copy, userEnvironment } from '../e2e/copy.ts'
import { bringUp, onNode, tail } from './lab.ts'
import { recorded } from './ledger.ts'

const part = 'limits'

/** Ends with an error of ours within the time, and says what was waited for. */
async function expectGivesUp(copy: Copy, seconds: number, said: RegExp, ...command: string[]): Promise<number> {
  const start = performance.now()
  const result = await copy.run('./lab', ...command)
  const took = Math.round((performance.now() - start) / 1000)
  expect(result.exitCode, tail(result.all)).not.toBe(0)
  expect(String(result.all)).toMatch(said)
  expect(took).toBeLessThan(seconds)
  return took
}

export function limitTests(copy: () => Copy): void {
  test('a service that hangs and answers nothing is given up, and named', () =>
    recorded(part, 'HTTP: Keystone frozen', async () => {
      await onNode(copy(), 'controller', 'systemctl kill -s STOP keystone')
      try {
        const took = await expectGivesUp(copy(), 300, /5000|[Kk]eystone/, 'verify')
        return `verify gave up after ${took} s and named it`
      } finally {
        await onNode(copy(), 'controller', 'systemctl kill -s CONT keystone')
      }
    }))

  test('a node whose ssh takes connections and says nothing is given up, and named', () =>
    recorded(part, 'ssh: sshd frozen', async () => {
      await onNode(
        copy(),
        'compute1',
        'systemd-run -q --on-active=120 systemctl kill -s CONT ssh; systemctl kill --kill-whom=main -s STOP ssh',
      )
      const took = await expectGivesUp(copy(), 300, /compute1/, 'up')
      await execa('sleep', ['90'])
      await bringUp(copy())
      return `up gave up after ${took} s and named the node; the next one went through`
    }))

  test("a package lock that is held is waited for, and the holder's end lets the run go on", () =>
    recorded(part, "apt's lock held for 20 s", async () => {
      const hold = `DEBIAN_FRONTEND=noninteractive apt-get -qq purge -y novnc >/dev/null 2>&1
systemd-run -q flock /var/lib/dpkg/lock-frontend sleep 20`
      await onNode(copy(), 'controller', hold)
      await bringUp(copy())
      return 'waited for it, then installed'
    }))

  test('a table that is locked makes no run hang for good', () =>
    recorded(part, 'database: a table locked for 30 s', async () => {
      const lock = `systemd-run -q mariadb keystone -e 'LOCK TABLES endpoint WRITE; SELECT SLEEP(30)'`
      await onNode(copy(), 'controller', lock)
      const up = await copy().run('./lab', 'up')
      expect([0, 1], tail(up.all)).toContain(up.exitCode)
      if (up.exitCode !== 0) await bringUp(copy())
      return up.exitCode === 0 ? 'waited, then went through' : 'gave up with its reason; the next one went through'
    }))

  test.each([
    ['./lab up', ['./lab', 'up']],
    ['./lab down', ['./lab', 'down', '--yes']],
    ['npx cdktf deploy', ['npx', 'cdktf', 'deploy', '--auto-approve']],
  ] as const)('%s beside a running up is refused, and told who holds the lab', (name, [file, ...args]) =>
    recorded(part, `${name} beside a running up`, async () => {
      const settings = {
        cwd: copy().root,
        env: userEnvironment(copy().root),
        extendEnv: false,
        reject: false,
        all: true,
      } as const
      const first = execa('./lab', ['up'], settings)
      await new Promise((resolve) => setTimeout(resolve, 2000))
      const second = await execa(file, args, settings)
      expect(second.exitCode).not.toBe(0)
      expect(second.all).toMatch(/held by .*up \(process \d+, since 20/)
      expect((await first).exitCode).toBe(0)
      return 'refused with command, process and time of the holder'
    }),
  )
}
