/** Backups of volumes: switched on, everything restored with the same bytes, what is refused, switched off. */

import { expect, test } from 'vitest'
import { expectHold, expectVerified, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, editDeclaration, hypervisor, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'

const part = 'features'
const switchTo = (copy: Copy, from: boolean, to: boolean) =>
  editDeclaration(copy, 'group_vars/all.yml', `lab_volume_backup: ${from}`, `lab_volume_backup: ${to}`)
const isActive = (copy: Copy) => onNode(copy, 'controller', 'systemctl is-active cinder-backup || true')

interface Shown {
  status: string
  fail_reason?: string | null
}

export function backupTests(copy: () => Copy): void {
  test('backups are switched on, and each kind is restored with the same bytes', () =>
    recorded(part, 'backups: attached, detached, of a snapshot', async () => {
      await switchTo(copy(), false, true)
      await bringUp(copy())
      await expectVerified(copy())
      expect(await onNode(copy(), 'controller', "stat -c '%a %U:%G' /var/lib/cinder/backup")).toBe('700 cinder:cinder')
      const observations = expectHold(await copy().run('./lab', 'verify', '--volumes', '--json'))
      const restored = observations.filter(({ what }) => /backup/.test(what))
      expect(restored).toHaveLength(3)
      expect((await onNode(copy(), 'controller', 'find /var/lib/cinder/backup -type f | wc -l')).trim()).toBe('0')
      return restored.map(({ what, seen }) => `${what}: ${seen}`).join('; ')
    }))

  test('an attached volume is backed up only if forced', () =>
    recorded(part, 'backup of an attached volume without --force', async () => {
      const refused = await copy().run('./lab', 'openstack', 'volume', 'backup', 'create', 'test-volume')
      expect(refused.exitCode, tail(refused.all)).not.toBe(0)
      expect(String(refused.all)).toContain('must use the force flag')
      return 'refused: must use the force flag'
    }))

  test('a file-based volume with a snapshot is backed up correctly, and a larger one that was restored can be attached', () =>
    recorded(part, 'backup of a volume with a snapshot; restored to a larger one', async () => {
      const client = (...words: string[]) => copy().run('./lab', 'openstack', ...words)
      const read = (kind: string[], name: string) => openstack<Shown>(copy(), ...kind, 'show', name)
      const become = (kind: string[], name: string, status: string) =>
        expect
          .poll(async () => (await read(kind, name)).status, { timeout: 240_000, interval: 3000 })
          .toMatch(new RegExp(`^(${status})$`))
      const saved = ['volume', 'backup']
      try {
        await openstack(copy(), 'volume', 'create', '--size', '1', 'with-snapshot')
        await become(['volume'], 'with-snapshot', 'available')
        await openstack(copy(), ...saved, 'create', '--name', 'before', 'with-snapshot')
        await become(saved, 'before', 'available')
        await openstack(copy(), 'volume', 'create', '--size', '2', 'larger')
        await become(['volume'], 'larger', 'available')
        await client(...saved, 'restore', 'before', 'larger')
        await become(saved, 'before', 'available')
        await become(['volume'], 'larger', 'available')
        const attached = await client('server', 'add', 'volume', 'test', 'larger')
        expect(attached.exitCode, tail(attached.all)).toBe(0)
        await become(['volume'], 'larger', 'in-use')
        await client('server', 'remove', 'volume', 'test', 'larger')
        await become(['volume'], 'larger', 'available')
        await openstack(copy(), 'volume', 'snapshot', 'create', '--volume', 'with-snapshot', 'the-snapshot')
        await become(['volume', 'snapshot'], 'the-snapshot', 'available')
        await openstack(copy(), ...saved, 'create', '--name', 'after', 'with-snapshot')
        await become(saved, 'after', 'available|error')
        const { status, fail_reason: reason } = await read(saved, 'after')
        if (hypervisor !== 'lxc') expect(status).toBe('available')
        else expect(reason).toContain('back up a snapshot')
        return `restored to 2 GiB and attached; with a snapshot: ${status} ${reason ?? ''}`
      } finally {
        for (const name of ['before', 'after']) await client(...saved, 'delete', name)
        await expect
          .poll(async () => (await openstack<[]>(copy(), ...saved, 'list')).length, { timeout: 60_000 })
          .toBe(0)
        await client('volume', 'snapshot', 'delete', 'the-snapshot')
        const list = async () => (await openstack<[]>(copy(), 'volume', 'snapshot', 'list')).length
        await expect.poll(list, { timeout: 60_000 }).toBe(0)
        await client('volume', 'delete', 'with-snapshot', 'larger')
      }
    }))

  test('backups are switched off again: no daemon, and none shown as down', () =>
    recorded(part, 'backups off', async () => {
      await switchTo(copy(), true, false)
      await bringUp(copy())
      await expectVerified(copy())
      expect(await isActive(copy())).toBe('inactive')
      const services = await openstack<{ Binary: string }[]>(copy(), 'volume', 'service', 'list')
      expect(services.map(({ Binary }) => Binary).sort()).toEqual(['cinder-scheduler', 'cinder-volume'])
      return `inactive, and not listed (nodes: ${hypervisor})`
    }))
}
