/** docs/reference/commands.md: every command with its arguments and examples, from the same source as the help. */

import { exitCodes } from '../declaration/exit-codes.ts'
import { noLab } from '../declaration/expect-lab.ts'
import { groups } from './command-entry.ts'
import { readUsage, shownCommands } from './commands.ts'
import { renderDocument } from './documents/document.ts'
import { errorDocument } from './documents/others.ts'
import { describeError } from './error-document.ts'
import type { Usage } from './usage.ts'

const cell = (text: string) => text.replaceAll('|', '\\|')

function describe({ name, entry, description, synopsis, words, options }: Usage): string[] {
  const rows = [
    ...words.map((word) => [`\`${word.name}\``, word.description]),
    ...options.map(({ flag, value, description: text }) => [`\`${cell(value ? `${flag} ${value}` : flag)}\``, text]),
  ]
  return [
    `### ${name}`,
    '',
    description || entry.summary,
    '',
    '```sh',
    synopsis,
    '```',
    '',
    ...(rows.length
      ? [
          '| option | what it does |',
          '| --- | --- |',
          ...rows.map(([left, right]) => `| ${left} | ${cell(right!)} |`),
          '',
        ]
      : []),
    ...(entry.examples.length
      ? ['```sh', ...entry.examples.map(([command, meaning]) => `${command}   # ${meaning}`), '```', '']
      : []),
  ]
}

export async function renderReference(): Promise<string> {
  const usages = await Promise.all(shownCommands().map(([name]) => readUsage(name)))
  const sections = groups.flatMap((group) => [
    `## ${group[0]!.toUpperCase()}${group.slice(1)}`,
    '',
    ...usages.filter(({ entry }) => entry.group === group).flatMap(describe),
  ])
  return [
    '# Commands',
    '',
    'Generated from the commands themselves: `npx vitest run test/lab/reference.test.ts -u` regenerates it.',
    '',
    '`./lab` alone says where you stand with the lab and which commands are likely to come next. Every command accepts `--help`. Exit codes:',
    '',
    ...Object.values(exitCodes).map(({ code, meaning }) => `- ${code}: ${meaning}`),
    '',
    '`ssh`, `exec` and `openstack` exit with the code of the program that they ran. How to use all this in a script: [Scripts and CI](../guide/scripting.md).',
    '',
    'With `--json`, an error is a document on stdout too, the same for every command. `reason` is the exit code as a word: `failed` (1), `usage` (2), `noLab` (4) or `unknown` (5):',
    '',
    '```json',
    renderDocument(errorDocument, describeError(noLab(), 'noLab')),
    '```',
    '',
    ...sections,
  ].join('\n')
}
