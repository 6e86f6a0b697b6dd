/** Connects two sockets: what arrives at one is sent to the other, until both are closed. */

import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** Half-open: a client that has said all it has to say still wants its answer. */
export function dial(target: NetConnectOpts): Socket {
  return connect({ ...target, allowHalfOpen: true })
}

/** If one side fails, the other is closed at once, so that nobody waits for it. */
export function splice(near: Socket, far: Socket): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.setNoDelay(true)
    from.on('error', () => to.destroy())
    from.on('close', (failed) => failed && to.destroy())
    from.pipe(to)
  }
}
