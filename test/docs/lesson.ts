/** Reads a lesson's commands and their expected output from its Markdown. */

export interface Exercise {
  /** Line number in the file. */
  line: number
  command: string
  /** Only for a lab that has this: `vlan`, `self-service`. */
  needs?: string
  /** Each must match a line of the output; `…` stands for anything. */
  expected: string[]
}

/** Every `sh` block contains one command, and a `text` block follows it. Throws otherwise. */
export function readLesson(markdown: string): Exercise[] {
  const blocks = [...markdown.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map((found) => ({
    kind: found[1] ?? '',
    word: found[2],
    text: (found[3] ?? '').trimEnd(),
    line: markdown.slice(0, found.index).split('\n').length,
  }))
  return blocks.flatMap((block, index): Exercise[] => {
    if (block.kind !== 'sh') return []
    const answer = blocks[index + 1]
    if (block.text.includes('\n')) throw new Error(`line ${block.line}: more than one command`)
    if (answer?.kind !== 'text' || !answer.text) throw new Error(`line ${block.line}: nothing says what must come out`)
    const needs = block.word?.replace('if-', '')
    return [{ line: block.line, command: block.text, expected: answer.text.split('\n'), ...(needs ? { needs } : {}) }]
  })
}

const escapePattern = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
const spaces = (text: string) => text.trim().replaceAll(/[ \t]+/g, ' ')

/** The expected lines that are not in the output. */
export function missingLines({ expected }: Pick<Exercise, 'expected'>, output: string): string[] {
  const lines = output.split('\n').map(spaces)
  return expected.filter((wanted) => {
    const pattern = new RegExp(spaces(wanted).split('…').map(escapePattern).join('.*'))
    return !lines.some((line) => pattern.test(line))
  })
}
