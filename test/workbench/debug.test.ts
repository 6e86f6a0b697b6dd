import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterEach, expect, test } from 'vitest'
import { debugScript } from '../../scripts/workbench/debug.ts'
import { debugServices, pythonServices } from '../../scripts/workbench/python-services.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const config = '[DEFAULT]\nlog_dir = /var/log/nova\n'

/** Follows SIGHUP as oslo.service does: reads the file that it knew at its start, and logs what has changed. */
const follower = `trap 'grep -h debug "$1" >"$2.seen" || true; echo "INFO Option DEFAULT.debug changed from [None]" >>"$2"' HUP
echo started >>"$2"
while :; do sleep 0.05; done`
/** Knows nothing of SIGHUP, which would end it. */
const other = 'echo started >>"$2"; while :; do sleep 0.05; done'

const daemons: ChildProcess[] = []
afterEach(() => {
  for (const daemon of daemons.splice(0)) daemon.kill('SIGKILL')
})

/** A node with a systemctl that writes down what it restarts. */
async function node(units: Readonly<Record<string, string>>) {
  const root = temporaryFolder()
  const places = { run: join(root, 'run'), etc: join(root, 'etc'), logs: join(root, 'log') }
  for (const folder of [`${places.etc}/nova`, `${places.logs}/nova`, `${root}/bin`])
    mkdirSync(folder, { recursive: true })
  const file = join(places.etc, 'nova/nova.conf')
  writeFileSync(file, config)
  chmodSync(file, 0o640)
  for (const [unit, program] of Object.entries(units)) {
    const log = join(places.logs, `nova/${unit}.log`)
    const daemon = spawn('bash', ['-c', program, unit, file, log])
    daemons.push(daemon)
    writeFileSync(join(root, `${unit}.pid`), String(daemon.pid))
    execaSync('bash', ['-c', 'until [ -s "$1" ]; do sleep 0.05; done', 'wait', log])
  }
  const systemctl = `#!/bin/bash
case $1 in
  is-active) [ -e ${root}/$4.pid ] ;;
  show) cat "${root}/$6.pid" ;;
  restart) shift 2; printf '%s\\n' "$@" >>${root}/restarted ;;
esac
`
  writeFileSync(join(root, 'bin/systemctl'), systemctl, { mode: 0o755 })
  const turn = (on: boolean) => {
    const script = debugScript({ service: 'nova', on, config: file, units: Object.keys(units), seconds: 3 }, places)
    const env = { PATH: `${root}/bin:${process.env['PATH']}` }
    return execaSync('bash', ['-s'], { input: `set -euo pipefail\n${script}`, env }).stdout.split('\n')
  }
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined)
  return { turn, read, file, root }
}

const dropIn = 'etc/nova/nova.conf.d/duostack-debug.conf'

test('a daemon that follows SIGHUP keeps running, and its file is as it was', async () => {
  const { turn, read, file } = await node({ 'nova-scheduler': follower })
  expect(turn(true)).toEqual(['reloaded nova-scheduler'])
  expect(read('log/nova/nova-scheduler.log.seen')).toBe('debug = true\n')
  expect(readFileSync(file, 'utf8')).toBe(config)
  expect(execaSync('stat', ['-c', '%a', file]).stdout).toBe('640')
  // What starts from now on reads this.
  expect(read(dropIn)).toBe('# in effect\n[DEFAULT]\ndebug = true\n')
  expect(turn(false)).toEqual(['reloaded nova-scheduler'])
  expect(read('log/nova/nova-scheduler.log.seen')).toBe('')
  expect(read(dropIn)).toBeUndefined()
  expect(read('restarted')).toBeUndefined()
})

test('a daemon that SIGHUP would end is restarted instead', async () => {
  const { turn, read } = await node({ 'nova-scheduler': follower, 'nova-novncproxy': other })
  expect(turn(true)).toEqual(['reloaded nova-scheduler', 'restarted nova-novncproxy'])
  expect(read('restarted')).toBe('nova-novncproxy\n')
})

test('a daemon that does not say that it has followed is restarted after the timeout', async () => {
  const { turn, read } = await node({ 'nova-scheduler': `trap : HUP\n${other}` })
  expect(turn(true)).toEqual(['restarted nova-scheduler'])
  expect(read(dropIn)).toContain('in effect')
})

test('what a run that was cut off has left in the file is put back by the next', async () => {
  const { turn, file, root } = await node({ 'nova-scheduler': follower })
  mkdirSync(join(root, 'run'), { recursive: true })
  writeFileSync(join(root, 'run/debug-nova.conf'), config)
  writeFileSync(file, `${config}\n[DEFAULT]\ndebug = true\n`)
  turn(false)
  expect(readFileSync(file, 'utf8')).toBe(config)
})

test('the services of OpenStack can be patched, and those with oslo.config logged in detail', () => {
  expect(debugServices).toEqual(['keystone', 'glance', 'placement', 'nova', 'neutron', 'cinder', 'heat'])
  expect(pythonServices).toEqual([...debugServices.slice(0, -1), 'horizon', 'heat'])
})
