/** The shell and the machine around a lab are set up for something else, or are not in order. */

import { execa, type Result } from 'execa'
import { expect, test } from 'vitest'
import { hostileEnvironment } from '../fixtures/hostile.ts'
import { expectVerified } from '../harness/answers.ts'
import { type Copy, userSettings } from '../harness/copy.ts'
import { bringUp, expectRun } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { stackTrace, tail } from '../harness/output.ts'
import { readTouched } from './touched.ts'

const part = 'surroundings'

/** The copy, in a shell set up for another cloud. Requests to that cloud fail: nothing answers there. */
function inForeignShell(copy: Copy): Copy {
  const run = (file: string, ...args: string[]) => {
    console.error(`in a foreign shell $ ${file} ${args.join(' ')}`)
    return execa(file, args, userSettings(copy.root, hostileEnvironment)) as Promise<Result>
  }
  return { ...copy, run }
}

/** The copy without a lab, on a machine that `script` has changed; only its own commands see both. */
const onMachine = (copy: Copy, script: string) =>
  async function run(...command: string[]): Promise<Result> {
    const text = `set -eu; mkdir -p .lab; mount -t tmpfs none .lab; ${script}; cd "$PWD"; exec ./lab "$@"`
    const argv = ['--mount', 'bash', '-c', text, 'bash', ...command]
    return execa('unshare', argv, userSettings(copy.root)) as Promise<Result>
  }

const overlay = `mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/var/lib,upperdir=/mnt/upper,workdir=/mnt/work /var/lib; mkdir -p /var/lib/duostack`

const readOnly = 'mount --rbind . .; mount -o remount,bind,ro .'

const linesOf = ({ all }: Result) => String(all).split('\n')

export function surroundingTests(copy: () => Copy): void {
  test('in a shell set up for another cloud every command still uses this lab', () =>
    recorded(part, "another cloud's openrc, Terraform, Python, bash and proxy in the shell", async () => {
      const foreign = inForeignShell(copy())
      await bringUp(foreign)
      const servers = await foreign.run('./lab', 'openstack', 'server', 'list', '-f', 'value', '-c', 'Name')
      expect(servers.stdout, tail(servers.all)).toMatch(/^test$/m)
      const direct = await foreign.run('./lab', 'exec', '--', 'curl', '-sS', 'http://10.0.0.11:5000/v3')
      expect(direct.stdout, tail(direct.all)).toMatch(/"version"/)
      const plan = await foreign.run(
        './lab',
        'exec',
        '--',
        'sh',
        '-c',
        'terraform -chdir=cdktf.out/stacks/cloud plan -no-color',
      )
      expect(plan.stdout, tail(plan.all)).toContain('No changes')
      for (const command of ['status', 'doctor', 'plan']) {
        await expectRun(foreign, command)
      }
      await expectVerified(foreign)
      return 'up, openstack, exec, Terraform, status, doctor, plan and verify as in an empty one'
    }))

  test("nodes on an overlay are refused by up with the doctor's message, and nothing is changed", () =>
    recorded(part, '/var/lib/duostack on an overlay', async () => {
      const before = await readTouched(copy())
      const run = onMachine(copy(), overlay)
      const up = await run('up')
      const doctor = await run('doctor', '--host')
      expect([up.exitCode, doctor.exitCode]).toEqual([1, 1])
      const refusal = linesOf(up).filter((line) => line.startsWith('/var/lib/duostack: on overlay, '))
      expect(refusal, tail(up.all)).toHaveLength(1)
      expect(String(doctor.all)).toContain(`✗ ${refusal[0]}`)
      expect(await readTouched(copy())).toEqual(before)
      return 'both name the place; nothing touched'
    }))

  test('with a read-only checkout read-only commands work, and up says what is wrong', () =>
    recorded(part, 'a read-only checkout', async () => {
      const run = onMachine(copy(), readOnly)
      for (const command of ['help', 'version', 'plan']) {
        const said = await run(command)
        expect(said.exitCode, `${command}: ${tail(said.all)}`).toBe(0)
      }
      const said = [await run('doctor'), await run('up')]
      for (const { exitCode, all } of said) {
        expect(exitCode, tail(all)).toBe(1)
        expect(String(all)).toMatch(/on a read-only file system\n {4}expected: /)
        expect(String(all)).not.toMatch(stackTrace)
      }
      return 'help, version and plan as ever; doctor and up name it'
    }))

  test('without inotify instances no lab is started', () =>
    recorded(part, "root's inotify instances used up", async () => {
      const hog = execa('perl', ['-e', '$| = 1; 1 while syscall(294, 0) >= 0; print "full\n"; sleep'], {
        reject: false,
      })
      try {
        await new Promise((resolve) => hog.stdout.once('data', resolve))
        const up = await onMachine(copy(), 'true')('up')
        expect(up.exitCode).toBe(1)
        expect(String(up.all)).toMatch(
          /max_user_instances: \d+, of which root has \d left.*\n {4}expected: .*\n {4}hint: .*sysctl/,
        )
      } finally {
        hog.kill('SIGKILL')
        await hog
      }
      return 'refused with the setting and its remedy'
    }))

  test('the lab is unchanged', () =>
    recorded(part, 'the lab after all of them', async () => {
      await expectVerified(copy())
      return 'verified'
    }))
}
