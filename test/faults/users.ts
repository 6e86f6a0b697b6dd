/** A user's own objects in the cloud: created before the drifts, and identical after all repairs. */

import { expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'
import { expectRun, smallServer } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import { deadUrl } from './drifts.ts'

interface OwnObject {
  /** The client's arguments, without `openstack`. */
  make: readonly string[]
  show: readonly string[]
  /** Absent if it is deleted together with the object before it. */
  remove?: readonly string[]
  /** The lab may have no room for it: then it is left out. */
  optional?: true
}

const named = (kind: string, ...options: string[]): OwnObject => {
  const words = kind.split(' ')
  return {
    make: [...words, 'create', ...options, 'mine'],
    show: [...words, 'show', 'mine'],
    remove: [...words, 'delete', 'mine'],
  }
}

/** In this order; removed in reverse order. */
const objects: readonly OwnObject[] = [
  named('project', '--description', 'not of the lab'),
  named('user', '--project', 'mine'),
  {
    make: ['role', 'add', '--project', 'mine', '--user', 'mine', 'member'],
    show: ['role', 'assignment', 'list', '--user', 'mine', '--names'],
  },
  {
    make: ['service', 'create', '--name', 'mine', 'backup'],
    show: ['service', 'show', 'mine'],
    remove: ['service', 'delete', 'mine'],
  },
  // Of a type that the lab uses too: only its name shows that it is not the lab's.
  {
    make: ['service', 'create', '--name', 'mine-too', 'image'],
    show: ['service', 'show', 'mine-too'],
    remove: ['service', 'delete', 'mine-too'],
  },
  // In no region.
  { make: ['endpoint', 'create', 'mine', 'public', deadUrl], show: ['endpoint', 'list', '--service', 'mine'] },
  named('flavor', '--ram', '256', '--disk', '1', '--vcpus', '1'),
  named('image', '--disk-format', 'raw', '--container-format', 'bare', '--file', '/etc/hostname'),
  named('security group'),
  named('keypair', '--private-key', '/dev/null'),
  named('volume', '--size', '1'),
  // Of a type that projects may create themselves: VLANs, if the kernel supports them.
  { ...named('network'), optional: true },
  {
    make: ['subnet', 'create', '--network', 'mine', '--subnet-range', '198.51.100.0/24', 'mine'],
    show: ['subnet', 'show', 'mine'],
    optional: true,
  },
  named('server', ...smallServer, '--wait'),
]

const run = (copy: Copy, words: readonly string[]) => copy.run('./lab', 'openstack', ...words)

/** Nova and Cinder update servers and volumes when a node returns, and record the time. */
const isClock = (key: string) => /^updated(_at)?$/.test(key)

async function readObject(copy: Copy, { show }: OwnObject): Promise<string> {
  const shown = await run(copy, [...show, '-f', 'json'])
  if (shown.exitCode !== 0) return `${show.join(' ')}: ${tail(shown.all, 3)}`
  return JSON.stringify(JSON.parse(String(shown.stdout)), (key, value) => (isClock(key) ? undefined : value), 1)
}

async function readAll(copy: Copy, made: readonly OwnObject[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const object of made) texts.set(object.show.join(' '), await readObject(copy, object))
  return texts
}

const made: OwnObject[] = []
let before = new Map<string, string>()

/** Even with these, which include a service that does not answer, the lab reports no problem. */
export function ownObjectsMadeTest(copy: () => Copy): void {
  test("a user's own objects are created, and the lab is still healthy", async () => {
    for (const object of objects) {
      const result = await run(copy(), object.make)
      if (object.optional && result.exitCode !== 0) continue
      expect(result.exitCode, tail(result.all)).toBe(0)
      made.push(object)
    }
    before = await readAll(copy(), made)
    for (const command of ['verify', 'status', 'doctor']) {
      await expectRun(copy(), command)
    }
  })
}

export function ownObjectsKeptTest(copy: () => Copy): void {
  test("the user's own objects are unchanged", () =>
    recorded('drift', "a user's own objects", async () => {
      try {
        expect(before.size).toBe(made.length)
        // Nova starts a server whose node was off shortly after Nova itself has started.
        await expect.poll(() => readAll(copy(), made), { timeout: 180_000, interval: 10_000 }).toEqual(before)
      } finally {
        for (const { remove } of made.toReversed()) {
          if (remove) await run(copy(), remove)
        }
      }
      return `${made.length} kinds untouched`
    }))
}
