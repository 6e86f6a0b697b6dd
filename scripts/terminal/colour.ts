/** The colours of what we show ourselves. */

const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 } as const

export type Colour = keyof typeof codes

/** Undyed where colours are off (no terminal, NO_COLOR). What came from outside is made visible before. */
export function paint(colour: Colour | undefined, text: string, { colours }: { colours: boolean }): string {
  return colours && colour && text ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text
}

const sequence = (numbers: string) => new RegExp(`\\u001b\\[${numbers}m`, 'g')

/** The sequences that `paint` writes, and no other. */
export const ownColours = sequence(`(?:${[0, ...Object.values(codes)].join('|')})`)

/** What other programs write for colours. */
export const anyColour = sequence('[\\d;]*')
