/** What is for people, fitted to where they read it: lines broken between words and colored marks at a terminal only. */

import { type Colour, paint } from './colour.ts'
import { print, tell } from './print.ts'
import { wrap } from './wrap.ts'

/** Of a stream; a pipe has no width. */
export interface Screen {
  columns: number
  colours: boolean
}

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>

/** NO_COLOR wins over FORCE_COLOR, and both over what the stream is. */
export function hasColours({ isTTY }: Pick<Stream, 'isTTY'>, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced) return forced !== '0' && forced !== 'false'
  return Boolean(isTTY) && env['TERM'] !== 'dumb'
}

export const screenOf = (stream: Stream, env?: NodeJS.ProcessEnv): Screen => ({
  columns: stream.isTTY ? stream.columns : 0,
  colours: hasColours(stream, env),
})

const colourOf: Readonly<Record<string, Colour>> = { '✓': 'green', '✗': 'red', '!': 'yellow' }

/** At the beginning of a line, or of a column in it. */
const mark = /(?<=^ *| {2})[✓✗!](?= )/gm

export function fitTo(text: string, { columns, colours }: Screen): string {
  return wrap(text, columns).replaceAll(mark, (one) => paint(colourOf[one], one, { colours }))
}

export const printScreen = (text: string): void => print(fitTo(text, screenOf(process.stdout)))
export const tellScreen = (text: string): void => tell(fitTo(text, screenOf(process.stderr)))
