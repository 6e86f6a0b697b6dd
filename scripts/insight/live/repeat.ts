/** Work that is repeated in the background, and sooner where there is a reason. */

export interface Repeated {
  /** Once more, shortly: what changes is seldom the only thing that does. */
  soon(): void
  stop(): void
}

/** In milliseconds. */
const settles = 700

/** Repeats `work` after each pause; never twice at the same time. */
export function repeat(pause: number, work: () => Promise<void>): Repeated {
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let isWanted = false
  let isStopped = false
  const after = (milliseconds: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => void run(), milliseconds)
  }
  const run = async () => {
    isRunning = true
    isWanted = false
    await work()
    isRunning = false
    if (!isStopped) after(isWanted ? settles : pause)
  }
  void run()
  return {
    soon() {
      isWanted = true
      if (!isRunning && !isStopped) after(settles)
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
