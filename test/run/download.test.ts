import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { countBytes, download, fetchText } from '../../scripts/run/download.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/os.qcow2`
}

const newFile = () => join(temporaryFolder(), 'os.qcow2')

test('the file is what the URL returns, and its progress is shown', async () => {
  const content = Buffer.alloc(3_000_000, 'x')
  const url = await serve((response) => response.writeHead(200, { 'content-length': content.length }).end(content))
  const file = newFile()
  const notes: string[] = []
  await download(url, file, (note) => notes.push(note))
  expect(readFileSync(file).equals(content)).toBe(true)
  expect(notes.at(-1)).toBe('3 of 3 MB')
})

test('if the length is not known, the received amount is shown', () => {
  expect(countBytes(2_400_000, undefined)).toBe('2 MB')
})

test('an answer that is not a file is refused and described', async () => {
  const url = await serve((response) => response.writeHead(404).end())
  await expect(download(url, newFile(), () => {})).rejects.toThrow(`${url}: answers 404 Not Found`)
  expect(await fetchText(url)).toBeUndefined()
})

test('a reason phrase with control characters is shown as text', async () => {
  const url = await serve((response) => {
    // Node's own server would refuse to send it.
    response.socket?.end('HTTP/1.1 404 \u001b[2J\u009bgone\r\nContent-Length: 0\r\n\r\n')
  })
  await expect(download(url, newFile(), () => {})).rejects.toThrow(`${url}: answers 404 \\x1b[2J\\u009bgone`)
})

test('a file that ends too early is refused', async () => {
  const url = await serve((response) => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('half')
    setTimeout(() => response.destroy(), 50)
  })
  await expect(download(url, newFile(), () => {})).rejects.toThrow('ends too early')
})

test('a URL where nothing listens is refused with the reason', async () => {
  await expect(download('http://127.0.0.1:65000/os', newFile(), () => {})).rejects.toThrow(
    /cannot be reached: .*ECONNREFUSED/,
  )
})
