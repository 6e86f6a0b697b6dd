/** Part 9: every wait ends and says what it waited for; only one command at a time works on a lab. */

import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import { type Copy, userSettings } from '../harness/copy.ts'
import { bringUp, nodes, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations, readRestarted } from '../harness/nodes.ts'
import { tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import { offsets, runUnderSteppingClock } from './clock.ts'
import { purgeConsole } from './drifts.ts'

const part = 'limits'

/** Ends within the time with one of our errors, which says what was waited for. */
async function expectGivesUp(copy: Copy, seconds: number, said: RegExp, ...command: string[]): Promise<string> {
  const took = stopwatch()
  const result = await copy.run('./lab', ...command)
  expect(took.seconds()).toBeLessThan(seconds)
  expect(result.exitCode, tail(result.all)).not.toBe(0)
  expect(String(result.all)).toMatch(said)
  return took.shown()
}

export function limitTests(copy: () => Copy): void {
  test('waiting for a service that hangs ends, and the service is named', () =>
    recorded(part, 'HTTP: Keystone frozen', async () => {
      await onNode(copy(), 'controller', 'systemctl kill -s STOP keystone')
      try {
        const took = await expectGivesUp(copy(), 300, /5000|[Kk]eystone/, 'verify')
        return `verify gave up after ${took} and named Keystone`
      } finally {
        await onNode(copy(), 'controller', 'systemctl kill -s CONT keystone')
      }
    }))

  test('waiting for a node whose sshd hangs ends, and the node is named', () =>
    recorded(part, 'ssh: sshd frozen', async () => {
      // Undoing this needs no ssh.
      const back = 'systemd-run -q --on-active=240 systemctl kill -s CONT ssh'
      await onNode(copy(), 'compute1', `${back}; systemctl kill --kill-whom=main -s STOP ssh`)
      const took = await expectGivesUp(copy(), 150, /compute1/, 'up')
      const answers = async () => (await copy().run('./lab', 'ssh', 'compute1', 'true')).exitCode
      await expect.poll(answers, { timeout: 300_000, interval: 5000 }).toBe(0)
      await bringUp(copy())
      return `up gave up after ${took} and named the node; the next up succeeded`
    }))

  test('a held package lock is waited for, and its release lets the run continue', () =>
    recorded(part, "apt's lock held for 60 s", async () => {
      // dpkg and apt lock with fcntl, which flock(1) does not affect.
      const python = `import fcntl, time
file = open('/var/lib/dpkg/lock-frontend', 'a')
fcntl.lockf(file, fcntl.LOCK_EX)
time.sleep(60)`
      const unit = `duostack-holder-${Date.now()}`
      const hold = `systemd-run -q --unit=${unit} python3 -c "${python}"; sleep 1; systemctl is-active ${unit}`
      expect(await onNode(copy(), 'controller', `${purgeConsole}\n${hold}`)).toBe('active')
      await bringUp(copy())
      expect(
        await onNode(copy(), 'controller', `systemctl is-active ${unit}; dpkg-query -Wf '\${db:Status-Status}' novnc`),
      ).toBe('inactive\ninstalled')
      return 'waited for it, then installed'
    }))

  test('a locked table does not block a run forever', () =>
    recorded(part, 'database: a table locked for 30 s', async () => {
      const lock = `systemd-run -q mariadb keystone -e 'LOCK TABLES endpoint WRITE; SELECT SLEEP(30)'`
      await onNode(copy(), 'controller', lock)
      const up = await copy().run('./lab', 'up')
      expect([0, 1], tail(up.all)).toContain(up.exitCode)
      if (up.exitCode !== 0) await bringUp(copy())
      return up.exitCode === 0 ? 'waited, then succeeded' : 'gave up with its reason; the next up succeeded'
    }))

  test("the wall clock of this machine's programs steps while up repairs a service", () =>
    recorded(part, 'clock: steps of an hour, forward and back', async () => {
      const before = await readInvocations(copy(), nodes)
      await onNode(copy(), 'controller', "echo '# by hand' >>/etc/placement/placement.conf")
      const { exitCode, output, steps } = await runUnderSteppingClock(copy(), './lab', 'up')
      expect(exitCode, tail(output)).toBe(0)
      // Each of them once, however quick `up` is.
      expect(steps).toBeGreaterThanOrEqual(offsets.length)
      expect(await onNode(copy(), 'controller', "grep -c 'by hand' /etc/placement/placement.conf || true")).toBe('0')
      // Placement never read what was written by hand.
      expect(await readRestarted(copy(), nodes, before)).toEqual([])
      await expectVerified(copy())
      return `${steps} steps; placement alone was repaired; verified`
    }))

  test.each([
    ['./lab up', ['./lab', 'up']],
    ['./lab down', ['./lab', 'down', '--yes']],
    ['npx cdktf deploy', ['npx', 'cdktf', 'deploy', '--auto-approve']],
  ] as const)('%s beside a running up is refused, and told who holds the lock', (name, [file, ...args]) =>
    recorded(part, `${name} beside a running up`, async () => {
      const settings = userSettings(copy().root)
      const first = execa('./lab', ['up'], settings)
      await sleep(2000)
      const second = await execa(file, args, settings)
      expect(second.exitCode).not.toBe(0)
      expect(second.all).toMatch(/held by .*up \(process \d+, since 20/)
      expect((await first).exitCode).toBe(0)
      return "refused, with the command, process and start time of the lock's holder"
    }),
  )
}
