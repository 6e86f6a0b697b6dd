/** What a person sees while something is done: one ticked line for each step, with the time it took. */

export interface Progress {
  /** Announces a step, runs it, ticks it off. `note` replaces the detail of the line in progress. */
  step<T>(title: string, work: (note: (detail: string) => void) => Promise<T>): Promise<T>
  /** A line of its own. */
  line(text: string): void
}

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Progress on stderr, so that stdout stays free for a command's own answer. Steps may run side by side. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const colours = stream.isTTY && !process.env['NO_COLOR']
  const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const write = (text: string) => stream.write(`${text}\n`)
  let shown = ''
  const show = (text: string) => {
    if (!stream.isTTY) return
    const width = Math.max(20, stream.columns ?? 80) - 1
    shown = text.slice(0, width)
    stream.write(`\r\u001b[K${shown}`)
  }
  const settle = (text: string) => {
    if (shown) stream.write('\r\u001b[K')
    shown = ''
    write(text)
  }
  return {
    line: settle,
    async step(title, work) {
      const start = performance.now()
      show(`  … ${title}`)
      try {
        const result = await work((detail) => show(`  … ${title}: ${detail} (${seconds(start)})`))
        settle(`  ${paint(32, '✓')} ${title} ${paint(2, `(${seconds(start)})`)}`)
        return result
      } catch (error) {
        settle(`  ${paint(31, '✗')} ${title} ${paint(2, `(${seconds(start)})`)}`)
        throw error
      }
    },
  }
}
