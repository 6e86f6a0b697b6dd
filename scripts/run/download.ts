/** Downloads over HTTP: a file of any size with its progress shown, or a short text. */

import { createWriteStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Finding, LabError } from '../declaration/errors.ts'
import { fetchError } from './fetch-error.ts'
import { fetchOutside } from './outside.ts'
import { timeouts } from './timeouts.ts'

/** After this time without data the other side counts as dead. */
const stallSeconds = timeouts.outside.stalled.seconds

/** `123 of 400 MB`, which the progress draws as a bar; without a total what has come so far. */
export function countBytes(done: number, total: number | undefined): string {
  const mega = (bytes: number) => Math.round(bytes / 1e6)
  return total ? `${mega(done)} of ${mega(total)} MB` : `${mega(done)} MB`
}

/** Passes bytes on and tells how many there were. */
function counter(total: number | undefined, note: (detail: string) => void): Transform {
  let done = 0
  return new Transform({
    transform(chunk: Buffer, _, next) {
      done += chunk.length
      note(countBytes(done, total))
      next(null, chunk)
    },
  })
}

const refuse = (where: string, given: string): LabError => {
  const remedy = `try it: curl -fIL ${where}`
  const finding: Finding = { where, given, allowed: 'a URL from which the file can be downloaded', remedy }
  return new LabError([finding])
}

/** Writes what a URL returns to `file`. Throws LabError if it returns no file, or stops in the middle. */
export async function download(url: string, file: string, note: (detail: string) => void): Promise<void> {
  const abort = new AbortController()
  let heard = performance.now()
  const stalled = setInterval(() => performance.now() - heard > stallSeconds * 1000 && abort.abort(), 1000)
  const reason = (error: unknown) => (abort.signal.aborted ? `no byte for ${stallSeconds} s` : fetchError(error))
  try {
    const answer = await fetchOutside(url, { signal: abort.signal }).catch((error: unknown) => {
      throw refuse(url, `cannot be reached: ${reason(error)}`)
    })
    if (!answer.ok || !answer.body) throw refuse(url, `answers ${answer.status} ${answer.statusText}`.trim())
    const total = Number(answer.headers.get('content-length')) || undefined
    const watch = counter(total, (detail) => {
      heard = performance.now()
      note(detail)
    })
    const target = createWriteStream(file, { mode: 0o600 })
    await pipeline(Readable.fromWeb(answer.body as never), watch, target).catch((error: unknown) => {
      throw refuse(url, `ends too early: ${reason(error)}`)
    })
  } finally {
    clearInterval(stalled)
  }
}

/** A short text; undefined if there is none at this URL. */
export async function fetchText(url: string): Promise<string | undefined> {
  const answer = await fetchOutside(url, { signal: AbortSignal.timeout(timeouts.outside.text.seconds * 1000) }).catch(
    () => undefined,
  )
  if (!answer?.ok) {
    await answer?.body?.cancel()
    return undefined
  }
  return answer.text()
}
