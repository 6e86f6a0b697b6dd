/** Steps, and the guarantees of the runner: nothing in argv, stdin kept, useful errors, never two runs at once. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandError } from '../../scripts/declaration/errors.ts'
import { ensureFile } from '../../scripts/engine/files.ts'
import type { Step } from '../../scripts/engine/service.ts'
import { runStep } from '../../scripts/engine/steps.ts'
import { me, type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

const secret = 'wJx7Qv2LmN5tRz8KpB4cYd6HsF9gTaE3'
const at = (name: string) => join(sshd.folder, name)
const step = (step: Partial<Step>) => runStep({ name: 'step', unless: 'false', run: ':', ...step }, 1)
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error) => error,
  )

test('a step runs while its check fails, and then no more', async () => {
  const once = step({ name: 'create cell', unless: `test -e ${at('cell')}`, run: `echo >>${at('cell')}` })
  expect(await sshd.run([once], { dry: true })).toEqual(['create cell: still to be done'])
  expect(existsSync(at('cell'))).toBe(false)
  expect(await sshd.run([once])).toEqual(['create cell: still to be done'])
  expect(await sshd.run([once])).toEqual([])
  expect(readFileSync(at('cell'), 'utf8')).toBe('\n')
})

test('a command that reads stdin finds it empty and cannot consume the rest of the script', async () => {
  const greedy = step({ unless: `cat; test -s ${at('eaten')}`, run: `cat >${at('rest')}; echo done >${at('eaten')}` })
  const after = step({ name: 'after', unless: `test -e ${at('after')}`, run: `touch ${at('after')}` })
  expect(await sshd.run([greedy, after])).toHaveLength(2)
  expect(readFileSync(at('rest'), 'utf8')).toBe('')
})

test('neither a step nor a file puts its content into any argv', async () => {
  // Checks every process of the machine while the step runs: ssh, sshd, bash, timeout. The control word must be found.
  writeFileSync(at('words'), `${secret}\nCONTROL-WORD\n`)
  const spy = `grep -aohFf ${at('words')} /proc/[0-9]*/cmdline 2>/dev/null | sort -u >${at('spied')}`
  const operations = [
    ensureFile({ ...me, path: at('secret.conf'), content: `password = ${secret}\n`, mode: '0640' }),
    step({
      unless: `: ${secret}; test -e ${at('spied')}`,
      run: `: ${secret}; bash -c 'sleep 5; :' CONTROL-WORD & sleep 0.1; ${spy} || true; kill $!`,
    }),
  ]
  await sshd.run(operations)
  expect(readFileSync(at('spied'), 'utf8')).toBe('CONTROL-WORD\n')
})

test('a failing step names node, step, command, exit code and the last 20 lines', async () => {
  const run = 'for i in {1..30}; do echo line $i; done; exit 7'
  const error = await failure(sshd.run([step({ name: 'db sync', run })]))
  const lines = Array.from({ length: 20 }, (_, index) => `    line ${index + 11}`)
  expect(error).toBeInstanceOf(CommandError)
  expect(error?.message).toBe(
    [
      'controller: glance: db sync: exit code 7',
      `    command: ssh -F ${sshd.folder}/ssh_config controller '${run}'`,
      ...lines,
    ].join('\n'),
  )
})

test('an error shows no secret, neither in its command nor in its output', async () => {
  const bootstrap = step({ name: 'bootstrap', run: `echo wrong password ${secret}; exit 1` })
  const error = await failure(sshd.run([bootstrap], { secrets: [secret] }))
  expect(error?.message).toBe(
    'controller: glance: bootstrap: exit code 1\n    command: npx tsx scripts/provision.ts glance\n    wrong password ***',
  )
})

test.skipIf(process.getuid?.() !== 0)('a step with a user runs as that user', async () => {
  const whoami = step({ user: 'nobody', run: 'id -un; pwd; exit 4' })
  const error = await failure(sshd.run([whoami]))
  expect(error?.message).toMatch(/runuser -u nobody -- bash -c .*id -un; pwd; exit 4.*\n {4}nobody\n {4}\/$/)
})

test('what comes before a failing step stays done, what comes after is not started', async () => {
  const before = step({ name: 'before', unless: `test -e ${at('one')}`, run: `touch ${at('one')}` })
  const broken = step({ name: 'broken', run: 'exit 3' })
  const after = step({ name: 'after', run: `touch ${at('three')}` })
  await expect(sshd.run([before, broken, after])).rejects.toThrow('glance: broken: exit code 3')
  expect([existsSync(at('one')), existsSync(at('three'))]).toEqual([true, false])
})

test('a step whose check still fails afterwards is an error', async () => {
  const error = await failure(sshd.run([step({ unless: 'echo no cell; false', run: 'echo fine' })]))
  expect(error?.message).toContain(
    '    fine\n    done, but the check still reports:\n    no cell\n    still to be done',
  )
})

test('a step is stopped at its time limit', async () => {
  const error = await failure(sshd.run([step({ run: 'sleep 30', timeoutSeconds: 0.2 })]))
  expect(error?.message).toMatch(/exit code 124\n.*\n {4}stopped after 0.2 s$/)
})

test('a script that is killed from outside names the operation that was running', async () => {
  const before = step({ name: 'before', unless: 'true' })
  const killed = step({ name: 'long work', run: 'kill -TERM -- -$(ps -o pgid= -p $PPID | tr -d " "); sleep 5' })
  const error = await failure(sshd.run([before, killed]))
  expect(error?.message).toMatch(/^controller: glance: long work: exit code \d+\n/)
})

test('a command that leaves a daemon running does not block the run', async () => {
  const pid = at('daemon.pid')
  const daemon = step({ unless: `test -e ${pid}`, run: `sleep 20 & echo $! >${pid}` })
  const start = performance.now()
  await sshd.run([daemon])
  process.kill(Number(readFileSync(pid, 'utf8')))
  expect(performance.now() - start).toBeLessThan(15_000)
})

test('two runs of one service wait for each other', async () => {
  const slow = (name: string) =>
    step({
      name,
      unless: `grep -q ${name} ${at('order')}`,
      run: `echo ${name} begins >>${at('order')}; sleep 0.2; echo ${name} >>${at('order')}`,
    })
  writeFileSync(at('order'), '')
  await Promise.all([sshd.run([slow('one')]), sshd.run([slow('two')])])
  const order = readFileSync(at('order'), 'utf8').trim().split('\n')
  expect(order[0]?.replace(' begins', '')).toBe(order[1])
  expect(order).toHaveLength(4)
})

test('a run leaves nothing but its lock', () => {
  expect(readdirSync(sshd.places.run)).toEqual(['glance.lock'])
})
