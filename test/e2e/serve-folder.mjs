/** `serve-folder.mjs ADDRESS PORT FOLDER`: serves its files over HTTP on that address only, once the address exists. */

import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, normalize } from 'node:path'

const [address, port, folder] = process.argv.slice(2)

const server = createServer((request, response) => {
  const file = join(folder, normalize(decodeURIComponent(new URL(request.url, 'http://here').pathname)))
  const size = statSync(file, { throwIfNoEntry: false })
  if (!size?.isFile()) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'content-length': size.size })
  createReadStream(file).pipe(response)
})

server.on('error', (error) => {
  if (error.code !== 'EADDRNOTAVAIL') throw error
  setTimeout(listen, 1000)
})

function listen() {
  server.listen(Number(port), address)
}

listen()
