/** `./lab completion SHELL`: a script for the shell, made from the registry, so that pressing Tab starts no Node. */

import { defineCommand } from 'citty'
import { print } from '../terminal/print.ts'
import type { Entry } from './command-entry.ts'
import { readUsageOf } from './usage.ts'

/** One command as a shell's completion needs it. */
interface Completed {
  name: string
  summary: string
  /** Words of the first place; `nodes`: asked when Tab is pressed, of the lab in whose folder the user is. */
  words: 'nodes' | readonly string[]
  options: readonly { flag: string; choices: readonly string[]; takesValue: boolean; description: string }[]
}

async function readCompleted(commands: readonly [string, Entry][]): Promise<Completed[]> {
  return Promise.all(
    commands.map(async ([name, entry]) => {
      const { summary, firstWords = [] } = entry
      const { options } = await readUsageOf(name, entry)
      const help = { flag: '--help', choices: [], takesValue: false, description: 'what it does, with examples' }
      const taken = options.map(({ value, ...option }) => ({ ...option, takesValue: value !== undefined }))
      return { name, summary, words: firstWords, options: [...taken, help] }
    }),
  )
}

/** The node names are in the ssh_config that `up` wrote, beside the program that is being completed. */
const nodesOf = (program: string) =>
  `sed -n 's/^Host \\([a-z]\\)/\\1/p' "$(dirname -- ${program})/.lab/ssh/ssh_config" 2>/dev/null`

function bash(all: readonly Completed[]): string {
  const cases = all.map(({ name, words, options }) => {
    const values = options
      .filter(({ takesValue }) => takesValue)
      .map(({ flag, choices }) => `      ${flag}) words='${choices.join(' ')}' ;;`)
    const first = words === 'nodes' ? `$(${nodesOf('"$program"')})` : words.join(' ')
    const other = `      *) words="${options.map(({ flag }) => flag).join(' ')}"; ((COMP_CWORD > 2)) || words+=" ${first}" ;;`
    return `    ${name}) case $3 in\n${[...values, other].join('\n')}\n    esac ;;`
  })
  return `# Completion of ./lab for bash: source <(./lab completion bash)
_lab() {
  # As it was typed: with ~ and with spaces behind backslashes.
  local words= program=\${1//\\\\/}
  program=\${program/#\\~/$HOME}
  if ((COMP_CWORD == 1)); then words='${all.map(({ name }) => name).join(' ')} help --help --version'
  else
    case \${COMP_WORDS[1]} in
    help) words='${all.map(({ name }) => name).join(' ')}' ;;
${cases.join('\n')}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
}
complete -o default -F _lab lab ./lab
`
}

/** In single quotes, for zsh and fish alike. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
const described = (word: string, text: string) => quoted(`${word.replaceAll(':', '\\:')}:${text}`)

function zsh(all: readonly Completed[]): string {
  const cases = all.map(({ name, words, options }) => {
    const specs = options.map(({ flag, choices, takesValue, description }) => {
      const value = takesValue ? `:value:${choices.length ? `(${choices.join(' ')})` : ''}` : ''
      return quoted(`${flag}[${description.replaceAll(/[[\]:]/g, ' ')}]${value}`)
    })
    const first =
      words === 'nodes'
        ? [`"1:node:($(${nodesOf('"$program"')}))"`]
        : words.length
          ? [quoted(`1: :(${words.join(' ')})`)]
          : []
    return `    ${name}) _arguments ${[...specs, ...first, "'*: :_files'"].join(' ')} ;;`
  })
  return `#compdef lab
# Completion of ./lab for zsh: source <(./lab completion zsh)
_lab() {
  local program=$words[1] commands=(${all.map(({ name, summary }) => described(name, summary)).join(' ')})
  if ((CURRENT == 2)); then _describe command commands; return; fi
  local command=$words[2]
  shift words; ((CURRENT--))
  case $command in
    help) _describe command commands ;;
${cases.join('\n')}
  esac
}
compdef _lab lab
`
}

function fish(all: readonly Completed[]): string {
  const lines = all.flatMap(({ name, summary, words, options }) => {
    const when = `-n '__fish_seen_subcommand_from ${name}'`
    const first = words === 'nodes' ? `(${nodesOf('(commandline -opc)[1]')})` : words.join(' ')
    return [
      `complete -c lab -f -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      // In single quotes: what is in brackets runs when Tab is pressed, not now.
      ...(first ? [`complete -c lab -f ${when} -a ${quoted(first)}`] : []),
      ...options.map(({ flag, choices, takesValue, description }) => {
        const value = takesValue ? ` -x${choices.length ? ` -a ${quoted(choices.join(' '))}` : ''}` : ''
        return `complete -c lab ${when} -l ${flag.slice(2)}${value} -d ${quoted(description)}`
      }),
    ]
  })
  return `# Completion of ./lab for fish: ./lab completion fish | source\n${lines.join('\n')}\n`
}

const shells = { bash, zsh, fish }
export type Shell = keyof typeof shells

export async function renderCompletion(shell: Shell, commands: readonly [string, Entry][]): Promise<string> {
  return shells[shell](await readCompleted(commands))
}

export default defineCommand({
  meta: {
    name: 'completion',
    description:
      "Prints a completion script for bash, zsh or fish. Load it in your shell's startup file; it works for every lab.",
  },
  args: { shell: { type: 'positional', description: 'bash, zsh or fish' } },
  // All commands are handed in: this file is one of them.
  async run({ args, data: commands }) {
    print((await renderCompletion(args.shell as Shell, commands)).trimEnd())
  },
})
