/** `forward-inside.ts FOLDER NAME=HOST:PORT…`: the half of a port forward that runs where the lab can be reached. */

import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { dial, splice } from './sockets.ts'

const [folder = '', ...targets] = process.argv.slice(2)

/** Ends when its standard input closes, which happens when the process that requested the forward ends in any way. */
function end(): never {
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}

async function serve(target: string): Promise<void> {
  const [, name = '', host = '', port = ''] = /^([a-z\d-]+)=(.+):(\d+)$/.exec(target) ?? []
  const server = createServer({ allowHalfOpen: true }, (near) => splice(near, dial({ host, port: Number(port) })))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(join(folder, name), resolve)
  })
}

// Ctrl-C reaches every process of the terminal; what is still being sent is not cut off by it.
process
  .on('SIGINT', () => {})
  .on('SIGTERM', end)
  .on('SIGHUP', end)
process.stdin.on('end', end).on('error', end).resume()
await Promise.all(targets.map(serve))
process.stdout.write('ready\n')
