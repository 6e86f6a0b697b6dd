/**
 * This machine's disk fills up completely while a lab runs: one cause is named, nothing is lost, and everything
 * recovers.
 */

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askDoctor, expectVerified, namesOf, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { addressOf, inInstance } from '../harness/instance.ts'
import { bringUp, hypervisor, onNode, sql, takeDown } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { stackTrace, tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import { openSmallDisk, type SmallDisk } from './small-disk.ts'

const part = 'disk'

/** One object of each service that stores something in the database: the client's command, its arguments, its name. */
const objects = {
  project: [['project'], []],
  keypair: [['keypair'], []],
  flavor: [['flavor'], ['--ram', '64']],
  'security group': [['security', 'group'], []],
  image: [['image'], ['--file', 'lab', '--disk-format', 'raw']],
} as const
type Kind = keyof typeof objects
const kinds = Object.keys(objects) as Kind[]

/** True if the client reported success. A client that hangs is ended. */
async function make(copy: Copy, kind: Kind): Promise<boolean> {
  const [words, options] = objects[kind]
  const made = await copy.run('timeout', '60', './lab', 'openstack', ...words, 'create', ...options, 'during')
  return made.exitCode === 0
}

/**
 * What was created exists. An error, such as Nova's 500, does not tell whether the database stored the object; if so,
 * it must be complete: it can be removed and created again. Returns whether it existed.
 */
async function expectWhole(copy: Copy, kind: Kind, made: boolean): Promise<boolean> {
  const [words] = objects[kind]
  const run = async (verb: string) => (await copy.run('./lab', 'openstack', ...words, verb, 'during')).exitCode === 0
  const isThere = await run('show')
  if (made) expect(isThere, kind).toBe(true)
  if (isThere) expect(await run('delete'), `delete ${kind}`).toBe(true)
  expect(await make(copy, kind), `create ${kind}`).toBe(true)
  expect(await run('show'), `show ${kind}`).toBe(true)
  return isThere
}

/** Ends within the time, whatever it says, but not with a bug of ours. */
async function expectEnds(copy: Copy, seconds: number, ...command: string[]): Promise<string> {
  const took = stopwatch()
  const result = await copy.run('timeout', String(seconds), './lab', ...command)
  expect(result.exitCode, `./lab ${command.join(' ')}: ${tail(result.all)}`).not.toBe(124)
  expect(String(result.all)).not.toMatch(stackTrace)
  return took.shown()
}

/** The content of all files that define the lab: identity, secrets and Terraform's states. */
async function digestOfStates(copy: Copy): Promise<string> {
  const terraform = join(copy.root, '.lab/terraform')
  const states = (await readdir(terraform)).filter((name) => name.endsWith('.tfstate')).toSorted()
  const files = [...states.map((name) => join(terraform, name)), join(copy.root, '.lab/lab.json')]
  const hash = createHash('sha256')
  for (const file of [...files, join(copy.root, 'ansible-vars/secrets.yml')]) hash.update(await readFile(file))
  return hash.digest('hex')
}

/**
 * RabbitMQ writes its own database every three minutes if something has changed; on a full disk it stops at that
 * moment. Requested here, so that no test has to wait.
 */
const breakBroker = `rabbitmqctl -q set_user_tags openstack </dev/null || true
rabbitmqctl -q eval 'mnesia:dump_log().' </dev/null || true`

/** More than the free space in a table: InnoDB has to extend its file, fails, and stops itself during the rollback. */
const extendTable = `for _ in 1 2 3; do
  mariadb fulldisk -e "INSERT INTO kept (text) VALUES (REPEAT('x', 3000000))" || true
done`

const instanceMiB = 20
/** Inside an instance, to its disk; continues after the session ends. */
const writeInBackground = `{ dd if=/dev/zero bs=1M count=${instanceMiB} | tr '\\0' x >/root/during; sync; } >/dev/null 2>&1 </dev/null &`

/** On virtual machines a full disk has another effect: QEMU pauses the whole node. */
export function diskTests(): void {
  describe.skipIf(hypervisor !== 'lxc')('of this machine', containerTests)
}

function containerTests(): void {
  let disk: SmallDisk
  let copy: Copy
  let address: string
  const made = new Map<Kind, boolean>()

  beforeAll(async () => {
    disk = await openSmallDisk()
    copy = disk.copy
    await bringUp(copy, '--hypervisor', hypervisor)
    address = await addressOf(copy, 'test')
    await onNode(
      copy,
      'controller',
      sql(
        '',
        "CREATE DATABASE fulldisk; CREATE TABLE fulldisk.kept (id INT AUTO_INCREMENT PRIMARY KEY, text LONGBLOB); INSERT INTO fulldisk.kept (text) VALUES ('before')",
      ),
    )
    await openstack(copy, 'security', 'group', 'create', 'before')
  })
  afterAll(async () => {
    expect(await disk.close()).toEqual([])
  })

  const boot = () => inInstance(copy, address, 'cat /proc/sys/kernel/random/boot_id')
  let bootBefore: string

  test('is full: every object is created or refused, and the doctor names only the disk', () =>
    recorded(part, 'the disk of this machine filled to the last byte', async () => {
      bootBefore = await boot()
      await disk.fill()
      for (const kind of kinds) made.set(kind, await make(copy, kind))
      await inInstance(copy, address, writeInBackground)
      await onNode(
        copy,
        'compute1',
        'for _ in {1..60}; do virsh list --all | grep -q paused && exit; sleep 1; done; exit 1',
      )
      await onNode(copy, 'controller', `${breakBroker}\n${extendTable}`)
      await disk.fill()
      const clock = stopwatch()
      const { problems } = await askDoctor(copy)
      const took = clock.shown()
      expect(namesOf({ problems }), JSON.stringify(problems, null, 1)).toEqual([`host-disk host:${disk.mount}`])
      expect(problems[0]?.evidence[0]).toMatch(/: 0 MiB of \d+ MiB free/)
      expect(problems[0]?.evidence[1]).toMatch(/nodes\/controller \d+ MiB/)
      expect(problems[0]?.follows).toContain('disk-full controller:/')
      const refused = kinds.filter((kind) => !made.get(kind)).join(', ')
      return `doctor (${took}): host-disk alone, with ${problems[0]?.follows.length} that follow; an error for ${refused || 'no object'} of ${kinds.length}`
    }))

  test('is full: status and verify end, up refuses before it changes anything', () =>
    recorded(part, 'status, verify and up on the full disk', async () => {
      const before = await digestOfStates(copy)
      const status = await expectEnds(copy, 120, 'status')
      const verify = await expectEnds(copy, 300, 'verify', '--now')
      const clock = stopwatch()
      const up = await copy.run('timeout', '120', './lab', 'up')
      const took = clock.shown()
      expect(up.exitCode, tail(up.all)).toBe(1)
      expect(String(up.all)).toMatch(/\/var\/lib\/duostack\/\w+ and \/.+: \d+ MiB free: \d+ MiB too little/)
      expect(String(up.all)).not.toContain('compare the nodes')
      expect(await digestOfStates(copy)).toBe(before)
      return `status ${status}, verify ${verify}, up refused after ${took} with path and missing room; states, identity and secrets unchanged`
    }))

  test('has space again: the database accepts writes by itself, and no table is corrupt', () =>
    recorded(part, 'room made: MariaDB', async () => {
      await disk.makeRoom()
      const clock = stopwatch()
      const write = sql('fulldisk', "INSERT INTO kept (text) VALUES ('after')")
      await onNode(copy, 'controller', `for _ in {1..60}; do ${write} 2>/dev/null && exit 0; sleep 1; done; exit 1`)
      const took = clock.shown()
      const check = await onNode(copy, 'controller', 'mariadb-check --all-databases')
      expect(check.split('\n').filter((line) => !/ OK$/.test(line))).toEqual([])
      const rows = await onNode(copy, 'controller', sql('fulldisk', 'SELECT text FROM kept WHERE LENGTH(text) < 10'))
      expect(rows.split('\n')).toEqual(['before', 'after'])
      return `a write went through after ${took}; ${check.split('\n').length} tables OK, no row lost`
    }))

  test('has space again: after one doctor --fix everything is as before', () =>
    recorded(part, 'room made: the rest', async () => {
      const { fixed } = await askDoctor(copy, '--fix')
      // Agents report every half minute.
      await expect.poll(async () => namesOf(await askDoctor(copy)), { timeout: 120_000, interval: 3000 }).toEqual([])
      expect(fixed).toEqual(expect.arrayContaining(['broker-broken controller', 'instance-paused test']))
      const there: string[] = []
      for (const kind of kinds) if (await expectWhole(copy, kind, made.get(kind)!)) there.push(kind)
      expect((await openstack<{ name: string }>(copy, 'security', 'group', 'show', 'before')).name).toBe('before')
      await expectVerified(copy)
      expect(await boot()).toBe(bootBefore)
      const size = () => inInstance(copy, address, 'stat -c %s /root/during')
      await expect.poll(size, { timeout: 60_000, interval: 3000 }).toContain(String(instanceMiB * 2 ** 20))
      return `repaired: ${fixed.join(', ')}; there: ${there.join(', ')}, all whole; verified; the instance went on without a restart, its write whole`
    }))

  test('has space again: one up is enough too', () =>
    recorded(part, 'full once more, then up only', async () => {
      await disk.fill()
      await onNode(copy, 'controller', `${breakBroker}\n${extendTable}`)
      await disk.makeRoom()
      const said = await bringUp(copy)
      await expectVerified(copy)
      expect((await askDoctor(copy)).problems).toEqual([])
      return `verified; up ran ${[...said.matchAll(/services: (\w+) (?:created|applied again)/g)].map(([, name]) => name).join(', ')}`
    }))

  test('has no inodes left: the doctor and up say so', () =>
    recorded(part, 'no inodes left', async () => {
      await disk.fillInodes()
      const { problems } = await askDoctor(copy)
      expect(namesOf({ problems })).toEqual([`host-disk host:${disk.mount}`])
      expect(problems[0]?.evidence[0]).toMatch(/ \d inodes free$/)
      const up = await copy.run('timeout', '120', './lab', 'up')
      expect(up.exitCode).toBe(1)
      expect(String(up.all)).toMatch(/: \d free inodes\n/)
      await disk.makeRoom()
      await bringUp(copy)
      await expectVerified(copy)
      return 'named by both; after room was made up found the lab as it was'
    }))

  test('is full: down removes the lab anyway', () =>
    recorded(part, 'down on the full disk', async () => {
      await disk.fill()
      await takeDown(copy)
      return 'nothing left'
    }))
}
