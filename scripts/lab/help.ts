/** `./lab --help` and `./lab COMMAND --help`, made from the registry and what each command takes. */

import { exitCodes } from '../declaration/exit-codes.ts'
import { wrap } from '../terminal/wrap.ts'
import { groups } from './command-entry.ts'
import { readUsage, shownCommands } from './commands.ts'
import type { Usage } from './usage.ts'

/** Two columns; what does not fit into the first has its second on the next line. */
function columns(rows: readonly (readonly [string, string])[], first: number, width: number): string[] {
  return rows.flatMap(([left, right]) => {
    const [begin = '', ...rest] = wrap(right, Math.max(20, width - first - 4), 0).split('\n')
    const below = (line: string) => `  ${' '.repeat(first)}  ${line}`
    return [
      ...(left.length > first ? [`  ${left}`, below(begin)] : [`  ${left.padEnd(first)}  ${begin}`]),
      ...rest.map(below),
    ]
  })
}

export function renderHelp(width: number): string {
  const shown = shownCommands()
  const first = Math.max(...shown.map(([name]) => name.length))
  return [
    'Duostack: a two-node OpenStack cloud on this machine.',
    '',
    'usage: ./lab COMMAND [OPTIONS]        ./lab COMMAND --help',
    ...groups.flatMap((group) => [
      '',
      group,
      ...columns(
        shown.filter(([, entry]) => entry.group === group).map(([name, { summary }]) => [name, summary] as const),
        first,
        width,
      ),
    ]),
    '',
    'exit codes',
    ...columns(
      Object.values(exitCodes).map(({ code, short }) => [`${code}`, short] as const),
      first,
      width,
    ),
    '',
    'The lab is defined in ansible-vars/. Start with: ./lab up',
  ].join('\n')
}

export async function renderCommandHelp(name: string, width: number): Promise<string> {
  const usage = await readUsage(name)
  return [
    wrap(usage.description || usage.entry.summary, width, 0),
    '',
    wrapSynopsis(usage, width),
    ...describeArguments(usage, width),
    ...(usage.entry.examples.length ? ['', 'examples', ...columns(usage.entry.examples, 36, width)] : []),
  ].join('\n')
}

/** Between brackets, which have words of their own in them. */
function wrapSynopsis({ synopsis }: Usage, width: number): string {
  const glue = '\u00a0'
  const whole = synopsis.replaceAll(/\[[^\]]*\]/g, (part) => part.replaceAll(' ', glue))
  return wrap(`usage: ${whole}`, width, 'usage: ./lab '.length).replaceAll(glue, ' ')
}

function describeArguments({ words, options }: Usage, width: number): string[] {
  const rows = [
    ...words.map(({ name, description }) => [name, description] as const),
    ...options.map(({ flag, value, description }) => [value ? `${flag} ${value}` : flag, description] as const),
  ]
  return rows.length
    ? ['', 'options', ...columns(rows, Math.min(36, Math.max(...rows.map(([l]) => l.length))), width)]
    : []
}
