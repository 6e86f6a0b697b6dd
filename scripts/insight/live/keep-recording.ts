/** The recorder on the nodes, for as long as somebody watches: it ends by itself, so another one follows it. */

import type { Lab } from '../../declaration/lab.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { startRecorder, stopRecorder } from '../trace/recorder.ts'

export interface Recorder {
  /** The beginning of the ids of its recordings. */
  id: string
  /** `namespace`: of a router, which is watched too. Does nothing if it was started already. */
  start(namespace: string | undefined): Promise<void>
  stop(): Promise<void>
}

/** `isBusy`: no recorder is replaced in the middle of a launch. */
export function keepRecording(lab: Lab, id: string, isBusy: () => boolean): Recorder {
  const { seconds } = timeouts.nodes.recording
  let number = 0
  let timer: NodeJS.Timeout | undefined
  let space: string | undefined
  let isStopped = false

  async function next(): Promise<void> {
    if (isStopped) return
    if (number > 0) await stopRecorder(lab, `${id}${number}`)
    number += 1
    await startRecorder(lab, `${id}${number}`, seconds + scaled(lab, timeouts.verify.launch), space)
    renewAfter(seconds)
  }

  function renewAfter(wait: number): void {
    if (isStopped) return
    timer = setTimeout(() => (isBusy() ? renewAfter(5) : void next().catch(() => renewAfter(30))), wait * 1000)
  }

  return {
    id,
    async start(namespace) {
      if (number > 0) return
      space = namespace
      await next()
    },
    async stop() {
      isStopped = true
      clearTimeout(timer)
      if (number > 0) await stopRecorder(lab, `${id}${number}`)
    },
  }
}
