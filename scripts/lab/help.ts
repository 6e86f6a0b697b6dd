/** `./lab --help` and `./lab COMMAND --help`, made from the registry and what each command takes. */

import { exitCodes } from '../declaration/exit-codes.ts'
import { groups } from './command-entry.ts'
import { readUsage, shownCommands } from './commands.ts'
import type { Usage } from './usage.ts'

/** Two columns; what does not fit into the first has its second on the next line. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  return rows.flatMap(([left, right]) =>
    left.length > width ? [`  ${left}`, `  ${' '.repeat(width)}  ${right}`] : [`  ${left.padEnd(width)}  ${right}`],
  )
}

export function renderHelp(): string {
  const shown = shownCommands()
  const width = Math.max(...shown.map(([name]) => name.length))
  return [
    'Duostack: a two-node OpenStack cloud on this machine.',
    '',
    'usage: ./lab COMMAND [OPTIONS]        ./lab COMMAND --help',
    ...groups.flatMap((group) => [
      '',
      group,
      ...columns(
        shown.filter(([, entry]) => entry.group === group).map(([name, { summary }]) => [name, summary] as const),
        width,
      ),
    ]),
    '',
    'exit codes',
    ...columns(
      Object.values(exitCodes).map(({ code, short }) => [`${code}`, short] as const),
      width,
    ),
    '',
    'The lab is defined in ansible-vars/. Start with: ./lab up',
  ].join('\n')
}

export async function renderCommandHelp(name: string): Promise<string> {
  const usage = await readUsage(name)
  return [
    usage.description || usage.entry.summary,
    '',
    `usage: ${usage.synopsis}`,
    ...describeArguments(usage),
    ...(usage.entry.examples.length ? ['', 'examples', ...columns(usage.entry.examples, 36)] : []),
  ].join('\n')
}

function describeArguments({ words, options }: Usage): string[] {
  const rows = [
    ...words.map(({ name, description }) => [name, description] as const),
    ...options.map(({ flag, value, description }) => [value ? `${flag} ${value}` : flag, description] as const),
  ]
  return rows.length ? ['', 'options', ...columns(rows, Math.min(36, Math.max(...rows.map(([l]) => l.length))))] : []
}
