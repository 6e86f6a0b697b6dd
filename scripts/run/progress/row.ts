/** Formats one step as one line of text that fits the terminal. Pure. */

import cliTruncate from 'cli-truncate'
import { showDuration, showElapsed } from '../../terminal/amounts.ts'
import { paint } from '../../terminal/colour.ts'
import { visible } from '../../terminal/visible.ts'
import type { Outcome } from './display.ts'

export interface Step {
  title: string
  /** What was last said of it, and when; milliseconds. */
  detail: string
  start: number
  heard: number
}

export interface Look {
  /** Columns that may be used. */
  width: number
  colours: boolean
  now: number
}

const marks = { done: ['green', '✓'], failed: ['red', '✗'], stopped: ['yellow', '■'] } as const

export function settledRow(title: string, outcome: Outcome, took: number, look: Look): string {
  const [colour, mark] = marks[outcome]
  return `  ${paint(colour, mark, look)} ${visible(title)} ${paint('dim', `(${showDuration(took)})`, look)}`
}

/** How far, where the detail tells of a total: `downloading 12 of 340`, `14.2 of 27.8 MB`. */
export function readAmount(detail: string): number | undefined {
  const [, done, total] = /(?:^|\s)(\d+(?:\.\d+)?) of (\d+(?:\.\d+)?)(?:\s|$|,|;)/.exec(detail) ?? []
  return Number(total) > 0 ? Math.min(1, Number(done) / Number(total)) : undefined
}

export function showBar(fraction: number, width: number): string {
  const full = Math.round(fraction * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** After this time a step without news is marked as quiet. */
const quietMilliseconds = 10_000

/** A step that has not begun. */
export function waitingRow(text: string, look: Look): string {
  return paint('dim', cliTruncate(`  · ${visible(text)}`, Math.max(10, look.width)), look)
}

/** Spinner, title, elapsed time, bar or last note, cut at the width. A counting step is never called quiet. */
export function runningRow({ title, detail, start, heard }: Step, look: Look): string {
  const { now, width } = look
  const spinner = paint('cyan', frames[Math.floor(now / 120) % frames.length]!, look)
  const amount = readAmount(detail)
  const bar = amount === undefined || width < 60 ? '' : ` ${paint('cyan', showBar(amount, 16), look)}`
  const quiet =
    amount === undefined && now - heard >= quietMilliseconds ? `, quiet for ${showElapsed(now - heard)}` : ''
  const time = paint('dim', `${showElapsed(now - start)}${quiet}`, look)
  const row = `  ${spinner} ${visible(title)} ${time}${bar}${detail ? ` ${paint('dim', '·', look)} ${visible(detail)}` : ''}`
  return cliTruncate(row, Math.max(10, width))
}
