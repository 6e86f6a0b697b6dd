/** A proxy as the only way out: requests to outside addresses use it, local ones do not. */

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../fixtures/folder.ts'

const scripts = join(import.meta.dirname, '../../scripts')

/** A proxy that answers for every address itself, and records the requested hosts. It makes no tunnels. */
async function openProxy() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end(`from the proxy for ${request.url}`)
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function run(program: string, env: Record<string, string>): Promise<string> {
  const file = join(temporaryFolder(), 'program.ts')
  writeFileSync(file, program)
  return (await execa(process.execPath, [join(scripts, 'run.mjs'), file], { env })).stdout
}

const fetching = (...urls: string[]) => `
import { fetchText } from ${JSON.stringify(join(scripts, 'run/download.ts'))}
for (const url of ${JSON.stringify(urls)}) console.log(await fetchText(url))`

test('outside URLs are requested through the proxy: http with the full URL, https through a tunnel', async () => {
  const { asked, url } = await openProxy()
  const stdout = await run(fetching('http://outside.invalid/os', 'https://outside.invalid/os'), {
    http_proxy: url,
    https_proxy: url,
    no_proxy: '',
  })
  expect(stdout).toBe('from the proxy for http://outside.invalid/os\nundefined')
  expect(asked).toEqual(['GET http://outside.invalid/os', 'CONNECT outside.invalid:443'])
})

test("neither this machine nor the user's exceptions are requested through it", async () => {
  const { asked, url } = await openProxy()
  const direct = await openProxy()
  await run(fetching(`${direct.url}/os`, 'http://excepted.invalid/os'), {
    http_proxy: url,
    no_proxy: 'excepted.invalid',
  })
  expect(asked).toEqual([])
  expect(direct.asked).toEqual(['GET /os'])
})

test('a proxy that refuses is named as the cause', async () => {
  const { url } = await openProxy()
  const program = `
import { download } from ${JSON.stringify(join(scripts, 'run/download.ts'))}
await download('https://outside.invalid/os', '/dev/null', () => {}).catch(({ message }) => console.log(message))`
  expect(await run(program, { https_proxy: url, no_proxy: '' })).toMatch(
    /^https:.*cannot be reached: Proxy response \(403\)/,
  )
})

test('a file arrives complete through it', async () => {
  const { url } = await openProxy()
  const file = join(temporaryFolder(), 'os')
  const program = `
import { readFileSync } from 'node:fs'
import { download } from ${JSON.stringify(join(scripts, 'run/download.ts'))}
await download('http://outside.invalid/os', ${JSON.stringify(file)}, () => {})
console.log(readFileSync(${JSON.stringify(file)}, 'utf8'))`
  expect(await run(program, { HTTP_PROXY: url, no_proxy: '' })).toBe('from the proxy for http://outside.invalid/os')
})
