/** A large image goes through the proxy in both directions, and the memory of its processes is read meanwhile. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import type { LocalCloud } from './local-cloud.ts'

const mebibyte = 2 ** 20
const size = 1024 * mebibyte

/** Not all the same, so that lost or repeated bytes are noticed. */
function* content() {
  const piece = Buffer.alloc(mebibyte, 'duostack')
  for (let index = 0; index < size / mebibyte; index++) {
    piece.writeUInt32BE(index)
    yield Buffer.from(piece)
  }
}

const statusOf = (pid: number) => readFileSync(`/proc/${pid}/status`, 'utf8')
const mebibytesOf = (pid: number, key: string) =>
  Math.round(Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(statusOf(pid))?.[1]) / 1024)

/** A process and all below it: the half of the proxy that is in the lab's network too. */
function familyOf(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const children = all.map(Number).filter((one) => {
    try {
      return Number(/^PPid:\s+(\d+)/m.exec(statusOf(one))?.[1]) === pid
    } catch {
      return false
    }
  })
  return [pid, ...children.flatMap(familyOf)]
}

/** From now on its peak is that of the transfer. False for a process of root's, such as sudo between the two halves. */
function forgetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
}

/** `holder`: the process of `./lab open`. */
export async function passesLargeImage(cloud: LocalCloud, holder: number): Promise<void> {
  const processes = familyOf(holder).filter(forgetPeak)
  const now = () => processes.map((pid) => mebibytesOf(pid, 'VmRSS'))
  const peak = () => processes.map((pid) => mebibytesOf(pid, 'VmHWM'))
  const before = now()
  const images = `${cloud.urlOf('image')}/v2/images`
  const body = JSON.stringify({ name: 'api-large', disk_format: 'raw', container_format: 'bare' })
  const made = await cloud.ask(images, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(made.status).toBe(201)
  const { id } = JSON.parse(await text(made.body)) as { id: string }
  // Glance's own answer names its own address.
  expect(made.headers['location']).toBe(`${images}/${id}`)
  try {
    const hash = createHash('sha512')
    for (const piece of content()) hash.update(piece)
    const expected = hash.digest('hex')
    const headers = { 'content-type': 'application/octet-stream', 'content-length': `${size}` }
    const put = await cloud.ask(`${images}/${id}/file`, { method: 'PUT', headers, body: Readable.from(content()) })
    expect(put.status, await text(put.body)).toBe(204)
    expect(JSON.parse(await text((await cloud.ask(`${images}/${id}`)).body))).toMatchObject({
      size,
      os_hash_value: expected,
    })
    const down = createHash('sha512')
    for await (const chunk of (await cloud.ask(`${images}/${id}/file`)).body) down.update(chunk)
    expect(down.digest('hex')).toBe(expected)
  } finally {
    await cloud.ask(`${images}/${id}`, { method: 'DELETE' })
  }
  console.error(
    `memory of the proxy: ${before.join(' + ')} MiB before, at most ${peak().join(' + ')} MiB during 2 x 1 GiB`,
  )
  for (const [index, most] of peak().entries()) expect(most - before[index]!).toBeLessThan(128)
}
