/**
 * The display without a terminal: one line with the duration per finished step, and regular signs of life of long ones.
 */

import { showElapsed } from '../../terminal/amounts.ts'
import { safe } from '../../terminal/print.ts'
import { visible } from '../../terminal/visible.ts'
import { steadyNow } from './clock.ts'
import type { Display } from './display.ts'
import { type Step, settledRow } from './row.ts'
import { cleanLine } from './text.ts'

/** The first sign of life of a step after this; then at three times as long each time, so that a log stays short. */
const firstSignMilliseconds = 10_000

export interface PlainSettings {
  /** Milliseconds; tests take a shorter time. */
  firstSign?: number
}

/** `06:12:03`, this machine's time. */
const stamp = () => new Date().toTimeString().slice(0, 8)

export function createPlainDisplay(
  stream: Pick<NodeJS.WriteStream, 'write'>,
  { firstSign = firstSignMilliseconds }: PlainSettings = {},
): Display {
  const write = (text: string) => {
    const time = stamp()
    for (const line of safe(text).split('\n')) stream.write(`${time} ${line}\n`)
  }
  return {
    line: write,
    // In a log they would be said again with every step.
    waiting: () => {},
    begin(title) {
      const now = steadyNow()
      const step: Step = { title, detail: '', start: now, heard: now }
      let timer: NodeJS.Timeout | undefined
      const schedule = (milliseconds: number) => {
        timer = setTimeout(() => {
          const detail = step.detail ? `: ${step.detail}` : ''
          write(`  … ${visible(title)}, ${showElapsed(steadyNow() - step.start)}${detail}`)
          schedule(milliseconds * 3)
        }, milliseconds)
        timer.unref()
      }
      schedule(firstSign)
      return {
        note(detail) {
          step.detail = cleanLine(detail)
        },
        end(outcome, settled = title) {
          clearTimeout(timer)
          const look = { width: Number.POSITIVE_INFINITY, colours: false, now: steadyNow() }
          write(settledRow(settled, outcome, steadyNow() - step.start, look))
        },
      }
    },
  }
}
