/** Part 4: `down` in every condition leaves nothing, or lists what is left; what is not the lab's stays. */

import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { type Copy, copyCheckout } from '../e2e/copy.ts'
import { readPids } from '../e2e/machine.ts'
import { runAndKill } from './kill.ts'
import { expectRefused, hypervisor, onNode, smallServer, tail } from './lab.ts'
import { recorded } from './ledger.ts'
import { readLabId, readRemains } from './remains.ts'

const part = 'destroy'

/** Down, exit 0, and not a trace of the id by plain commands. */
async function expectGone(copy: Copy): Promise<void> {
  const id = (await readLabId(copy))!
  const down = await copy.run('./lab', 'down', '--yes')
  expect(down.exitCode, tail(down.all)).toBe(0)
  expect(await readRemains(id)).toEqual([])
  await expect(access(join(copy.root, '.lab'))).rejects.toThrow()
}

/** A lab that has its nodes and nothing on them: what a removal meets after an early Ctrl-C. */
async function buildHalf(copy: Copy): Promise<string> {
  const blow = {
    kind: 'SIGKILL',
    marker: /✓ nodes: (controller|compute1)/,
    latestSeconds: 240,
    delaySeconds: 1,
  } as const
  await runAndKill(copy, ['up', '--hypervisor', hypervisor], blow)
  return (await readLabId(copy))!
}

const socketOf = (id: string) => `/var/lib/duostack/${id}/libvirt/run/libvirt-sock`

/** Of the lab's own libvirtd, by the pid that it wrote: nobody else's. */
async function killLibvirtd(id: string): Promise<void> {
  for (const pid of await readPids()) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (/libvirtd$/.test(argv[0] ?? '') && argv.join(' ').includes(id)) process.kill(Number(pid), 'SIGKILL')
  }
}

const conditions: readonly (readonly [string, (copy: Copy, id: string) => Promise<unknown>])[] = [
  ['half-built', async () => {}],
  [
    'half-built, a node without power',
    (copy) => copy.run('./lab', 'exec', '--', 'virsh', '-q', 'destroy', 'duostack-compute1'),
  ],
  ['half-built, libvirtd killed', (_, id) => killLibvirtd(id)],
  [
    'half-built, libvirtd killed and its socket gone',
    async (_, id) => {
      await killLibvirtd(id)
      await rm(socketOf(id), { force: true })
    },
  ],
  ['half-built, all states lost', (copy) => rm(join(copy.root, '.lab/terraform'), { recursive: true })],
  ['half-built, the declaration wrong', (copy) => writeFile(join(copy.root, 'ansible-vars/hosts.yml'), 'all: [')],
  ['half-built, the namespace gone', (_, id) => execa('ip', ['netns', 'del', `duostack-${id}`], { reject: false })],
]

export function destroyTests(copy: () => Copy): void {
  test("a whole lab with Keystone dead, users' instances and volumes, and a node without power", () =>
    recorded(part, "whole, Keystone dead, node without power, users' instance and volume", async () => {
      await copy().run('./lab', 'openstack', 'server', 'create', ...smallServer, '--wait', 'mine')
      await copy().run('./lab', 'openstack', 'volume', 'create', '--size', '1', 'mine')
      await onNode(copy(), 'controller', 'systemctl stop keystone')
      await copy().run('./lab', 'exec', '--', 'virsh', '-q', 'destroy', 'duostack-compute1')
      expect(await expectRefused(copy(), 'down')).toMatch(/no terminal to ask on[\s\S]*--yes/)
      await expectGone(copy())
      return 'asks without --yes; with it nothing left, exit 0'
    }))

  test.each(conditions)('%s', (name, harm) =>
    recorded(part, name, async () => {
      const other = await copyCheckout()
      try {
        const id = await buildHalf(other)
        expect((await readRemains(id)).length).toBeGreaterThan(3)
        await harm(other, id)
        await expectGone(other)
        return 'nothing left, exit 0'
      } finally {
        await other.run('./lab', 'down', '--yes')
        await other.remove()
      }
    }),
  )

  test('look-alikes and the lab of a second checkout of the same name stay', () =>
    recorded(part, 'look-alikes, and a second checkout with the same lab name', async () => {
      const [one, other] = [await copyCheckout(), await copyCheckout()]
      const decoy = 'abcdef01'
      const folder = `/var/lib/duostack/${decoy}`
      try {
        const [id, otherId] = [await buildHalf(one), await buildHalf(other)]
        const before = await readRemains(otherId)
        // With a checkout that knows it: not even an orphan.
        await mkdir(join(folder, 'nodes/controller'), { recursive: true })
        await writeFile(join(folder, 'owner'), '/nowhere-else\n')
        await execa('ip', ['netns', 'add', `duostack-${decoy}`])
        await execa('ip', ['link', 'add', `${id.slice(0, 7)}x-mgmt`, 'type', 'dummy'], { reject: false })
        const sleeper = execa('bash', ['-c', `exec -a duostack-${id.slice(0, 7)}x sleep 600`], { reject: false })
        await expectGone(one)
        expect(await readRemains(otherId)).toEqual(before)
        await access(join(folder, 'nodes/controller'))
        expect((await execa('ip', ['netns', 'list'])).stdout).toContain(`duostack-${decoy}`)
        expect(sleeper.exitCode).toBe(undefined)
        sleeper.kill()
        await sleeper
        await expectGone(other)
        return 'one removed; the other, a namespace, a folder, a link and a process untouched'
      } finally {
        await execa('ip', ['netns', 'del', `duostack-${decoy}`], { reject: false })
        for (const link of await linksLike(/^[0-9a-f]{7}x-mgmt$/))
          await execa('ip', ['link', 'del', link], { reject: false })
        await rm(folder, { recursive: true, force: true })
        for (const copy of [one, other]) {
          await copy.run('./lab', 'down', '--yes')
          await copy.remove()
        }
      }
    }))
}

async function linksLike(pattern: RegExp): Promise<string[]> {
  const { stdout } = await execa('ip', ['-br', 'link'])
  return stdout
    .split('\n')
    .map((line) => line.split(/[\s@]/)[0]!)
    .filter((name) => pattern.test(name))
}
