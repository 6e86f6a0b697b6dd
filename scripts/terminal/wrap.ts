/** Breaks long lines between words. A word is never cut, and a command stays on one line, so that it can be pasted. */

/** Lines that are a command, behind their label or alone. */
const command = new RegExp(
  `^(?!\\./lab\\b[^:]*: )\\s*(?:(?:hint|next|try|command|look at):? +)?(?:${[
    ...['\\./lab', 'apt', 'apt-get', 'cd', 'chmod', 'chown', 'command', 'curl', 'df', 'echo', 'getent', 'grep', 'ip'],
    ...[
      'journalctl',
      'kill',
      'ls',
      'mkdir',
      'modprobe',
      'mv',
      'node',
      'npm',
      'npx',
      'quota',
      'rm',
      'ss',
      'ssh',
      'sudo',
    ],
    ...['sysctl', 'systemctl', 'terraform', 'tofu', 'ulimit'],
  ].join('|')}) `,
)

/** Indentation, a mark, and the label of a column: where the text of the line begins. */
const lead = /^\s*(?:[✗✓!-] )?(?:[^\s:?]{1,12}(?: [^\s:?]{1,12}){0,2} {2,})?/

/** Where the lines below the first begin. */
function hangOf(line: string): number {
  const { length } = lead.exec(line)![0]
  // So much room to its left would leave none for the text.
  if (length > 30) return 4
  return /^\s*[a-z]+:/.test(line) || length === 0 ? length + 2 : length
}

/** One paragraph: the lines below the first begin `hang` columns to the right. A word that is too long stays whole. */
function wrapLine(line: string, width: number, hang = hangOf(line)): string[] {
  if (line.length <= width || command.test(line)) return [line]
  const [, indent = '', text = ''] = /^(\s*)(.*)$/s.exec(line)!
  const lines = [indent]
  for (const word of text.split(/(?<=\S)(?= )/)) {
    const last = lines.at(-1)!
    if (last.trim() && last.length + word.length > width) lines.push(`${' '.repeat(hang)}${word.trimStart()}`)
    else lines[lines.length - 1] += word
  }
  return lines
}

/** `width` 0 or infinite: as it is. */
export function wrap(text: string, width: number, hang?: number): string {
  if (width <= 0 || !Number.isFinite(width)) return text
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width, hang))
    .join('\n')
}
