/** Measures how long something took. */

import { showDuration } from '../../scripts/terminal/amounts.ts'

interface Stopwatch {
  seconds(): number
  /** `4.2 s`, `1 min 20 s` */
  shown(): string
}

/** Starts now; may be read more than once. */
export function stopwatch(): Stopwatch {
  const start = performance.now()
  const milliseconds = () => performance.now() - start
  return { seconds: () => milliseconds() / 1000, shown: () => showDuration(milliseconds()) }
}
