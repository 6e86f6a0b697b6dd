import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Image, isUnfinished, judgeImages, readOwnImages } from '../../scripts/cloud/added-images.ts'
import { signIn } from '../../scripts/cloud/client.ts'
import { type ImagePlan, removeUnfinished, uploadImage } from '../../scripts/cloud/image-upload.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fakeCloud } from './fake-cloud.ts'

const sums = [
  { algorithm: 'sha256', value: 'aa' },
  { algorithm: 'sha512', value: 'bb' },
] as const

const image = (changes: Partial<Image> = {}): Image => ({
  ...{
    id: 'i1',
    name: 'os',
    status: 'active',
    owner: 'p',
    tags: ['duostack-added'],
    os_hash_algo: 'sha512',
    os_hash_value: 'bb',
  },
  ...{ duostack_sha256: 'aa', duostack_source: 'http://x/os' },
  ...changes,
})

describe('an image that is wanted', () => {
  const judge = (images: Image[], wish: Partial<Parameters<typeof judgeImages>[1]> = {}) =>
    judgeImages(images, { name: 'os', source: 'http://x/os', sums, ...wish })

  test('is added if there is none, or only an unfinished one', () => {
    expect(judge([])).toBeUndefined()
    expect(judge([image({ status: 'saving' })])).toBeUndefined()
  })

  test('already exists if name and content are the same, whichever checksum is known', () => {
    expect(judge([image()])).toBe('there')
    expect(judge([image()], { sums: [sums[0]] })).toBe('there')
    expect(judge([image({ os_hash_algo: 'sha256', os_hash_value: 'aa' })], { sums: [sums[0]] })).toBe('there')
    expect(judge([image({ duostack_sha256: undefined as never })], { sums: [sums[1]] })).toBe('there')
  })

  test("does not exist if Glance's hash differs, whatever a property says", () => {
    const liar = image({ name: 'other', os_hash_value: 'cc' })
    expect(judge([liar])).toBeUndefined()
    expect(judge([image({ ...liar, os_hash_algo: 'sha256' })], { sums: [sums[0]] })).toBeUndefined()
  })

  test('already exists if no checksum is given and it came from the same URL', () => {
    expect(judge([image()], { sums: [] })).toBe('there')
    expect(judge([image()], { sums: [], source: 'http://y/os' })).toBeUndefined()
  })

  test('is refused if the content exists under another name, or the name with other content', () => {
    expect(judge([image({ name: 'other' })])).toMatchObject({ given: 'content that is already in Glance as other' })
    expect(judge([image({ os_hash_value: 'cc', duostack_sha256: 'cc' })])).toMatchObject({
      given: 'the name os, which another image already has',
      remedy: './lab openstack image delete i1',
    })
  })
})

test('the remains of a killed run are images that we started and that are incomplete in Glance', () => {
  expect(isUnfinished(image({ status: 'saving' }))).toBe(true)
  expect(isUnfinished(image({ status: 'queued' }))).toBe(true)
  expect(isUnfinished(image())).toBe(false)
  expect(isUnfinished(image({ status: 'queued', tags: [] }))).toBe(false)
})

describe('in Glance', () => {
  const content = 'not much of a disk'
  const sha512 = createHash('sha512').update(content).digest('hex')

  async function start() {
    const cloud = await fakeCloud()
    onTestFinished(() => cloud[Symbol.asyncDispose]())
    cloud.answers['POST /v2/images'] = [201, { id: 'new' }]
    cloud.answers['PUT /v2/images/new/file'] = [204, undefined]
    cloud.answers['DELETE /v2/images/new'] = [204, undefined]
    cloud.answers['GET /v2/images/new'] = [200, image({ id: 'new', os_hash_value: sha512 })]
    const access = { authUrl: `${cloud.url}/v3`, region: 'RegionOne', timeoutSeconds: 2, controller: 'c' }
    return { cloud, client: await signIn({ ...access, name: 'admin', password: 'x' }) }
  }

  function plan(): ImagePlan {
    const file = join(temporaryFolder(), 'os.qcow2')
    writeFileSync(file, content)
    const rest = { name: 'os', source: 'http://x/os', bytes: content.length, format: 'qcow2', minDiskGiB: 3 } as const
    return { ...rest, file, sums: [{ algorithm: 'sha512', value: sha512 }], timeoutSeconds: 5 }
  }

  const did = (cloud: Awaited<ReturnType<typeof start>>['cloud'], method: string) =>
    cloud.asked.filter((one) => one.method === method).map(({ path }) => path)

  test('it is created with format, minimum disk and our tag, and every byte arrives', async () => {
    const { cloud, client } = await start()
    let sent = 0
    expect(
      (
        await uploadImage(client, plan(), (count) => {
          sent += count
        })
      ).id,
    ).toBe('new')
    expect(sent).toBe(content.length)
    const [made, file] = cloud.asked.slice(1)
    expect(JSON.parse(made!.body)).toMatchObject({
      name: 'os',
      disk_format: 'qcow2',
      min_disk: 3,
      tags: ['duostack-added'],
    })
    expect(file).toMatchObject({ body: content, headers: { 'content-type': 'application/octet-stream' } })
    expect(did(cloud, 'DELETE')).toEqual([])
  })

  test('a checksum that differs from ours is an error, and the image is removed', async () => {
    const { cloud, client } = await start()
    cloud.answers['GET /v2/images/new'] = [200, image({ id: 'new', os_hash_value: 'damaged' })]
    await expect(uploadImage(client, plan(), () => {})).rejects.toThrow('active, sha512 damaged; what was sent has')
    expect(did(cloud, 'DELETE')).toEqual(['/v2/images/new'])
  })

  test('an upload that Glance aborts leaves nothing', async () => {
    const { cloud, client } = await start()
    cloud.answers['PUT /v2/images/new/file'] = [413, { message: 'Storage is full' }]
    await expect(uploadImage(client, plan(), () => {})).rejects.toThrow('413 Storage is full')
    expect(did(cloud, 'DELETE')).toEqual(['/v2/images/new'])
  })

  test('images of other projects are neither trusted nor removed, whatever their names', async () => {
    const { cloud, client } = await start()
    const theirs = image({ id: 'theirs', owner: 'other', status: 'active' })
    const queued = image({ id: 'queued', owner: 'other', status: 'queued' })
    cloud.answers['GET /v2/images?limit=500'] = [200, { images: [theirs, queued, image()] }]
    expect(await readOwnImages(client)).toEqual([image()])
    expect(await removeUnfinished(client)).toEqual([])
    expect(did(cloud, 'DELETE')).toEqual([])
  })

  test('the remains of killed runs are removed, from every page of the list, and nothing else', async () => {
    const { cloud, client } = await start()
    const unfinished = image({ id: 'new', name: 'half', status: 'queued' })
    cloud.answers['GET /v2/images?limit=500'] = [200, { images: [image()], next: '/v2/images?marker=i1' }]
    cloud.answers['GET /v2/images?marker=i1'] = [200, { images: [unfinished] }]
    expect(await removeUnfinished(client)).toEqual(['half'])
    expect(did(cloud, 'DELETE')).toEqual(['/v2/images/new'])
  })
})
