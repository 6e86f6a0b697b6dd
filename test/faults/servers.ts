/** Part 11: what users do with servers, on a lab with one compute node; the disk is the same afterwards. */

import { expect, test } from 'vitest'
import { client } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, editDeclaration, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { act, createServer, deleteServer, expectKept, expectStatus, inside, type Server, show } from './server.ts'
import { offerTests } from './servers-offer.ts'

const part = 'servers'
const small = ['--flavor', 'm1.nano', '--image', 'duostack-test']
const large = 'faults-large'
/** With the properties that Nova requires of an image for rescuing a server that boots from a volume. */
const rescueImage = 'faults-rescue'

export function serverTests(copy: () => Copy): void {
  /** On a separate server, removed afterwards. */
  const withServer = (what: string, options: string[], work: (server: Server) => Promise<string>) =>
    test(what, () =>
      recorded(part, what, async () => {
        const server = await createServer(copy(), 'faults-server', ...options)
        const outcome = await work(server)
        await deleteServer(server)
        return outcome
      }),
    )

  test('its flavor and image are created', async () => {
    const more = ['--vcpus', '1', '--ram', '384', '--disk', '2']
    await client(copy(), 'flavor', 'create', ...more, large)
    const properties = ['--property', 'hw_rescue_device=disk', '--property', 'hw_rescue_bus=virtio']
    const file = `${copy().root}/.lab/faults-rescue.img`
    await client(copy(), 'image', 'save', '--file', file, 'duostack-test')
    const format = ['--disk-format', 'qcow2', '--container-format', 'bare']
    await client(copy(), 'image', 'create', ...format, ...properties, '--file', file, rescueImage)
    await copy().run('rm', file)
  })

  withServer('config drive', [...small, '--config-drive', 'True'], async (server) => {
    await expectConfigDrive(server)
    return "ACTIVE, with the server's own metadata on it"
  })

  withServer('resize on the only compute node', small, async (server) => {
    const resize = async () => {
      await client(copy(), 'server', 'resize', '--flavor', large, server.id)
      expect((await expectStatus(server, 'VERIFY_RESIZE'))['OS-EXT-SRV-ATTR:host']).toBe('compute1')
      await expectKept(server)
    }
    const mebibytes = async () =>
      Number(await inside(server, "awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo"))
    const before = await mebibytes()
    await resize()
    expect(await mebibytes()).toBeGreaterThan(before + 100)
    await client(copy(), 'server', 'resize', 'revert', server.id)
    await expectStatus(server, 'ACTIVE')
    await expectKept(server)
    expect(await mebibytes()).toBe(before)
    await resize()
    await client(copy(), 'server', 'resize', 'confirm', server.id)
    await expectStatus(server, 'ACTIVE')
    const disks = await onNode(copy(), 'compute1', 'ls /var/lib/nova/instances')
    expect(disks).not.toContain('_resize')
    return 'reverted, resized again and confirmed; its file was kept'
  })

  withServer('shelve, rescue, rebuild', small, async (server) => {
    await shelve(server)
    await rescue(server)
    await client(copy(), 'server', 'rebuild', '--image', 'duostack-test', '--wait', server.id)
    await expectNew(server)
    return 'kept over shelve and rescue; new after rebuild'
  })

  withServer(
    'the same of a server whose root disk is a volume',
    [...small, '--boot-from-volume', '1'],
    async (server) => {
      await client(copy(), 'server', 'resize', '--flavor', large, server.id)
      await expectStatus(server, 'VERIFY_RESIZE')
      await client(copy(), 'server', 'resize', 'confirm', server.id)
      await expectStatus(server, 'ACTIVE')
      await expectKept(server)
      await shelve(server)
      await rescue(server)
      await act(server, '2.93', { rebuild: { imageRef: await imageId(copy()) } })
      await expectStatus(server, 'ACTIVE')
      await expectNew(server)
      return 'resized, shelved, rescued with the file kept; new after rebuild (2.93)'
    },
  )

  offerTests(copy)

  test('force_config_drive', () =>
    recorded(part, 'force_config_drive declared', async () => {
      const forced = 'lab_config_overrides:\n  /etc/nova/nova.conf:\n    DEFAULT:\n      force_config_drive: true\n'
      await editDeclaration(copy(), 'group_vars/all.yml', 'lab_config_overrides: {}\n', forced)
      await bringUp(copy())
      const server = await createServer(copy(), 'faults-server', ...small)
      await expectConfigDrive(server)
      await deleteServer(server)
      await editDeclaration(copy(), 'group_vars/all.yml', forced, 'lab_config_overrides: {}\n')
      await bringUp(copy())
      return 'a server that asked for none has one'
    }))

  test('flavor and image are removed', async () => {
    await client(copy(), 'flavor', 'delete', large)
    await client(copy(), 'image', 'delete', rescueImage)
  })
}

async function expectConfigDrive({ copy, id }: Server): Promise<void> {
  const disk = `/var/lib/nova/instances/${id}/disk.config`
  const read = `blkid -o value -s LABEL ${disk}; isoinfo -R -x /openstack/latest/meta_data.json -i ${disk}`
  const [label, metadata] = (await onNode(copy, 'compute1', read)).split('\n')
  expect(label).toBe('config-2')
  expect(JSON.parse(metadata!)).toMatchObject({ uuid: id })
}

async function shelve(server: Server): Promise<void> {
  await client(server.copy, 'server', 'shelve', server.id)
  const away = await expectStatus(server, 'SHELVED_OFFLOADED')
  expect(away['OS-EXT-SRV-ATTR:host']).toBeNull()
  await client(server.copy, 'server', 'unshelve', server.id)
  await expectStatus(server, 'ACTIVE')
  await expectKept(server)
}

async function rescue(server: Server): Promise<void> {
  const image = ['--image', rescueImage]
  await client(server.copy, '--os-compute-api-version', '2.87', 'server', 'rescue', ...image, server.id)
  await expectStatus(server, 'RESCUE')
  await client(server.copy, 'server', 'unrescue', server.id)
  await expectStatus(server, 'ACTIVE')
  await expectKept(server)
}

/** Its disk has the image's content again, at the same address. */
async function expectNew(server: Server): Promise<void> {
  expect(await inside(server, '[ -e /kept ] || echo none')).toBe('none')
  expect(Object.values((await show(server)).addresses)[0]![0]).toBe(server.address)
}

const imageId = async (copy: Copy) =>
  (await client(copy, 'image', 'show', 'duostack-test', '-f', 'value', '-c', 'id')).trim()
