/** Waits until a command that serves something is stopped. */

/** Ctrl-C, SIGTERM or SIGHUP, or one of `others`; gives what it was. A second Ctrl-C ends the process at once. */
export async function untilEnded<T>(...others: Promise<T>[]): Promise<T | 'stopped'> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let stop: () => void = () => {}
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => resolve('stopped')
    for (const signal of signals) process.once(signal, stop)
  })
  try {
    return await Promise.race([stopped, ...others])
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
