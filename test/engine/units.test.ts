/**
 * systemd units. A test machine may have no systemd, so systemctl is the recording stand-in systemctl.sh, found first
 * in PATH; e2e covers the real one by looking at InvocationIDs.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureFile } from '../../scripts/engine/files.ts'
import type { ConfigFile } from '../../scripts/engine/service.ts'
import { ensureAbsentUnits, ensureUnits, unitDropIn, unitDropIns } from '../../scripts/engine/units.ts'
import { me, type Sshd, startSshd } from './sshd.ts'

let sshd: Sshd
let state: string
let count = 0
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())
beforeEach(() => {
  state = join(sshd.folder, `state${++count}`)
  sshd.places = { ...sshd.places, run: join(sshd.folder, `run${count}`), systemd: join(sshd.folder, `systemd${count}`) }
  mkdirSync(state)
  const standIn = readFileSync(new URL('systemctl.sh', import.meta.url), 'utf8')
  sshd.program('systemctl', standIn.replaceAll('@STATE@', state).replaceAll('@SYSTEMD@', sshd.places.systemd))
  sshd.program('journalctl', '#!/bin/sh\necho "the journal of $*"\n')
  for (const unit of ['nova-api', 'nova-scheduler']) setState(unit, '', '[Install]\nWantedBy=multi-user.target\n')
})

const setState = (unit: string, kind: string, text = '') => writeFileSync(join(state, `${unit}.service${kind}`), text)
const calls = () => readFileSync(join(state, 'calls'), 'utf8').trim().split('\n')
const started = () => calls().filter((call) => /^(re)?start /.test(call))
const forget = () => writeFileSync(join(state, 'calls'), '')

/** As for a part, except that the drop-ins belong to the user who runs the test. */
function run(content: string, units = ['nova-api', 'nova-scheduler'], dry = false) {
  const settings = { timeScale: 1, places: sshd.places }
  const files: ConfigFile[] = [{ ...me, path: join(sshd.folder, `nova${count}.conf`), content }]
  const dropIns = unitDropIns(units, files, settings).map((file) => ({ ...file, ...me }))
  const operations = [...[...files, ...dropIns].map(ensureFile), ...ensureUnits(units, files, settings)]
  return sshd.run(operations, { dry, places: sshd.places })
}

test('units are enabled by links and started in parallel with one call', async () => {
  await run('a')
  expect(started()).toEqual(['restart -- nova-api.service nova-scheduler.service'])
  expect(existsSync(join(sshd.places.systemd, 'multi-user.target.wants/nova-api.service'))).toBe(true)
  // `systemctl enable` would run update-rc.d.
  expect(calls().filter((call) => call.startsWith('enable'))).toEqual([])
  expect(calls().filter((call) => call === 'daemon-reload')).toHaveLength(1)
})

test('running units with unchanged files are left alone', async () => {
  await run('a')
  forget()
  expect(await run('a')).toEqual([])
  expect(calls().filter((call) => !/^(show|is-)/.test(call))).toEqual([])
})

test('a changed file restarts the units and is named as the reason', async () => {
  await run('a')
  forget()
  const changed = await run('b')
  expect(changed.at(-1)).toBe(
    `running nova-api nova-scheduler: nova-api: /nova${count}.conf has changed since it started; ` +
      `nova-scheduler: /nova${count}.conf has changed since it started`,
  )
  expect(started()).toEqual(['restart -- nova-api.service nova-scheduler.service'])
})

test('a run that was killed between the file and the start is finished by the next', async () => {
  await run('a')
  writeFileSync(join(sshd.folder, `nova${count}.conf`), 'b')
  forget()
  expect(await run('b')).toHaveLength(1)
  expect(started()).toHaveLength(1)
})

test('a unit without a record is restarted, the other one is not', async () => {
  await run('a')
  forget()
  writeFileSync(join(sshd.places.run, 'nova-api.digest'), '')
  expect(await run('a')).toEqual(['running nova-api nova-scheduler: nova-api: has left no record of its start'])
  expect(started()).toEqual(['restart -- nova-api.service'])
})

test('stopped, failed and masked units are brought back', async () => {
  await run('a')
  setState('nova-api', '.state', 'failed')
  setState('nova-scheduler', '.masked')
  forget()
  expect(await run('a')).toEqual([
    'enabled nova-scheduler: is masked',
    'systemd has read its unit files: unit files were changed',
    'running nova-api nova-scheduler: nova-api: is failed',
  ])
  expect(calls()).toContain('unmask -- nova-scheduler.service')
  expect(calls()).toContain('reset-failed -- nova-api.service')
})

test('a unit that is still starting with the right files is waited for, not restarted', async () => {
  await run('a')
  setState('nova-api', '.state', 'activating')
  forget()
  expect(await run('a')).toEqual(['running nova-api nova-scheduler: nova-api: is activating'])
  expect(started()).toEqual(['start -- nova-api.service'])
})

test('a unit that does not start shows its journal', async () => {
  setState('nova-api', '.broken')
  await expect(run('a')).rejects.toThrow(
    /glance: running nova-api nova-scheduler: exit code 1\n {4}command: .*'systemctl restart nova-api.service nova-scheduler.service'\n {4}Job for nova-api.service failed.\n {4}--- nova-api is failed\n {4}the journal of -u nova-api.service -n 6/,
  )
})

test('an unknown unit is an error that names it', async () => {
  await expect(run('a', ['nova-apo'])).rejects.toThrow('no unit file of nova-apo.service')
})

test('a dry run only reads and changes nothing', async () => {
  const differs = await run('a', undefined, true)
  expect(differs).toContain('running nova-api nova-scheduler: nova-api: is inactive; nova-scheduler: is inactive')
  expect(calls().filter((call) => !call.startsWith('show'))).toEqual([])
  expect(existsSync(sshd.places.systemd)).toBe(false)
})

test('unwanted units are stopped and disabled; unknown ones are fine', async () => {
  await run('a')
  forget()
  const absent = () => sshd.run(ensureAbsentUnits(['nova-api', 'tgt']), { places: sshd.places })
  expect(await absent()).toEqual(['not running nova-api: is active'])
  expect(calls()).toContain('stop -- nova-api.service')
  expect(calls()).toContain('disable -- nova-api.service')
  expect(await absent()).toEqual([])
})

test('an emulated node has twelve times the time to start', () => {
  expect(unitDropIn('nova-api', [], { timeScale: 12 }).content).toContain('TimeoutStartSec=1080')
  expect(unitDropIn('nova-api', [], { timeScale: 1 }).content).not.toContain('TimeoutStartSec')
})
