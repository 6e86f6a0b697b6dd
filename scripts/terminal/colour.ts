/** The colors of our own output. */

import { inspect, styleText } from 'node:util'

const colours = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'dim', 'bold'] as const

export type Colour = (typeof colours)[number]

/**
 * Undyed where colours are off (no terminal, NO_COLOR): the caller knows his stream, so `styleText` asks none. What came
 * from outside is made visible before.
 */
export function paint(colour: Colour | undefined, text: string, look: { colours: boolean }): string {
  return look.colours && colour && text ? styleText(colour, text, { validateStream: false }) : text
}

const sequence = (numbers: string) => new RegExp(`\\u001b\\[${numbers}m`, 'g')

/** The sequences that `paint` writes, and no other. */
export const ownColours = sequence(`(?:${colours.flatMap((name) => inspect.colors[name]).join('|')})`)

/** What other programs write for colours. */
export const anyColour = sequence('[\\d;]*')
