import { describe, expect, test } from 'vitest'
import type { CloudClient } from '../../../scripts/cloud/client.ts'
import type { Server } from '../../../scripts/cloud/server.ts'
import {
  addressOf,
  judgeLease,
  judgeMetadata,
  judgeServer,
  judgeVolume,
  ownAddressOf,
  type Volume,
  watchServer,
} from '../../../scripts/health/verify/instance.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('kvm')

const server: Server = {
  id: '11111111-2222-3333-4444-555555555555',
  name: 'server1',
  status: 'ACTIVE',
  addresses: { provider: [{ addr: '203.0.113.105', version: 4 }] },
  'OS-EXT-SRV-ATTR:host': 'compute1',
}

describe('the instance', () => {
  test('is ACTIVE with an address', () => {
    expect(judgeServer('server1', server)).toMatchObject({ ok: true, seen: 'ACTIVE on compute1, 203.0.113.105' })
    expect(judgeServer('server1', { ...server, addresses: {} }).ok).toBe(false)
    expect(judgeServer('server1', undefined)).toMatchObject({ ok: false, next: './lab up' })
  })

  test('behind a router is reached by its floating IP, and its lease is for its own address', () => {
    const addresses = {
      selfservice: [
        { addr: '172.16.1.7', version: 4, 'OS-EXT-IPS:type': 'fixed' },
        { addr: '203.0.113.120', version: 4, 'OS-EXT-IPS:type': 'floating' },
      ],
    }
    expect([addressOf({ ...server, addresses }), ownAddressOf({ ...server, addresses })]).toEqual([
      '203.0.113.120',
      '172.16.1.7',
    ])
    expect([addressOf(server), ownAddressOf(server)]).toEqual(['203.0.113.105', '203.0.113.105'])
  })

  test("shows Nova's reason when it is in error", () => {
    const broken = { ...server, status: 'ERROR', fault: { message: 'No valid host was found.' } }
    expect(judgeServer('server1', broken)).toMatchObject({ ok: false })
    expect(judgeServer('server1', broken).seen).toContain('No valid host was found.')
  })

  test('has its lease if its console shows the address that Neutron assigned', () => {
    expect(judgeLease(lab, server, '203.0.113.105', 'boot\nlease ip=203.0.113.105 mask=24\n').ok).toBe(true)
    expect(judgeLease(lab, server, '203.0.113.105', 'boot\nno lease\n').ok).toBe(false)
    expect(judgeLease(lab, server, '203.0.113.105', 'udhcpc: broadcasting select for 203.0.113.105\n').ok).toBe(false)
    expect(judgeLease(lab, server, '', 'boot\n').ok).toBe(false)
  })

  test('has its lease late where its DHCP server came after it: metadata knows it by its address', () => {
    const waited = 'udhcpc: broadcasting discover\nudhcpc: no lease, forking to background\n'
    expect(judgeLease(lab, server, '203.0.113.105', waited).ok).toBe(false)
    const known = `${waited}duostack-test: metadata instance-id=i-00000002\n`
    expect(judgeLease(lab, server, '203.0.113.105', known)).toMatchObject({
      ok: true,
      seen: 'it had to wait for its DHCP server; then metadata knew it as 203.0.113.105',
    })
    expect(judgeLease(lab, server, '', known).ok).toBe(false)
  })

  test('has metadata if it received its own id', () => {
    const inside = { greeting: '', disks: [] }
    expect(judgeMetadata(lab, server, { ...inside, uuid: server.id }).ok).toBe(true)
    expect(judgeMetadata(lab, server, { ...inside, uuid: 'another' }).ok).toBe(false)
    expect(judgeMetadata(lab, server, { ...inside, uuid: '' })).toMatchObject({ ok: false })
  })

  test('sees its volume by serial, whatever the device is called', () => {
    const volume: Volume = {
      id: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      name: 'v',
      status: 'in-use',
      attachments: [{ server_id: server.id, device: '/dev/vdb' }],
    }
    const disk = { name: 'vda', serial: 'aaaaaaaa-bbbb-cccc-d' }
    const inside = { greeting: '', uuid: '', disks: [disk] }
    expect(judgeVolume(lab, server, [volume], inside)).toMatchObject({ ok: true, seen: `vda, serial ${disk.serial}` })
    expect(judgeVolume(lab, server, [volume], { ...inside, disks: [] }).ok).toBe(false)
    expect(judgeVolume(lab, server, [{ ...volume, attachments: [] }], inside)).toMatchObject({
      ok: false,
      seen: 'no volume is attached: v in-use',
    })
  })
})

describe('the checks of one watch', () => {
  /** Each list of servers is the next answer; the last one stays. */
  const watchOf = (...answers: (Server | Error)[]) => {
    let lists = 0
    const get = async () => {
      const answer = answers[Math.min(lists++, answers.length - 1)]
      if (answer instanceof Error) throw answer
      return { servers: [answer] }
    }
    const cloud = async () => ({ get }) as unknown as CloudClient
    return { watch: { lab, cloud, timeoutFactor: 1 }, lists: () => lists }
  }

  test('read an instance once when it is ACTIVE, also at the same time', async () => {
    const { watch, lists } = watchOf(server)
    const seen = await Promise.all([watchServer(watch, server.name), watchServer(watch, server.name)])
    expect([...seen, await watchServer(watch, server.name)]).toEqual([server, server, server])
    expect(lists()).toBe(1)
    await watchServer({ ...watch }, server.name)
    expect(lists()).toBe(2)
  })

  test('read it again until it is ACTIVE, and after an error', async () => {
    const { watch, lists } = watchOf(new Error('no answer in time'), { ...server, status: 'BUILD' }, server)
    await expect(watchServer(watch, server.name)).rejects.toThrow('no answer in time')
    expect(await watchServer(watch, server.name)).toMatchObject({ status: 'BUILD' })
    expect(await watchServer(watch, server.name)).toEqual(server)
    expect(lists()).toBe(3)
  })
})
