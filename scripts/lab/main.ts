/**
 * The entry point: finds the command, rejects unknown arguments, runs the command in the right place, exits with its
 * exit code.
 */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { runCommand } from 'citty'
import { expectedError } from '../declaration/errors.ts'
import { exitCode } from '../declaration/exit-codes.ts'
import { expectLab } from '../declaration/expect-lab.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { ownProgram } from '../run/own-program.ts'
import { print, tell } from '../terminal/print.ts'
import { printScreen, tellScreen } from '../terminal/screen.ts'
import type { Entry } from './command-entry.ts'
import { commands, readUsage, shownCommands } from './commands.ts'
import type { Content } from './documents/document.ts'
import type { errorDocument } from './documents/others.ts'

const self = fileURLToPath(import.meta.url)
const root = resolve(self, '../../..')

let known: Promise<Lab> | undefined

/** Loaded once, whoever asks first. */
const runningLab = (): Promise<Lab> => {
  known ??= import('./running-lab.ts').then(({ loadRunningLab }) => loadRunningLab(root))
  return known
}

/** Of the lab here, if the command takes one; so that a wrong name is refused before sudo asks for anything. */
async function nodeNames({ firstWords }: Entry): Promise<string[]> {
  if (firstWords !== 'nodes' || !readIdentity(root)) return []
  return (await runningLab()).nodes.map(({ name }) => name)
}

async function runEntry(name: string, entry: Entry, words: string[]): Promise<number> {
  let rawArgs = words
  const wantsHelp = entry.passthrough
    ? rawArgs[0] === '--help' && name !== 'openstack'
    : rawArgs.some((arg) => arg === '--help' || arg === '-h')
  if (wantsHelp) return showHelp(name)
  // Without arguments there is nothing to refuse, and `status` is there half a second sooner.
  if (entry.passthrough || rawArgs.length > 0 || !entry.inside || entry.needsArguments) {
    const { checkArguments, checkPassthrough, spellChoices } = await import('./check-arguments.ts')
    if (entry.passthrough) checkPassthrough(name, entry, rawArgs, await nodeNames(entry))
    else {
      const usage = await readUsage(name)
      rawArgs = spellChoices(usage, rawArgs)
      checkArguments(usage, rawArgs)
    }
  }
  if (entry.needsLab) expectLab(root)
  if (entry.inside) {
    const { enterLab, insideLab } = await import('../run/namespace.ts')
    const lab = await runningLab()
    if (!insideLab(lab)) return enterLab(lab, ownProgram(self, name, ...rawArgs))
  }
  const command = (await entry.load()).default
  await runCommand(command, { rawArgs: entry.passthrough ? ['--', ...rawArgs] : rawArgs, data: shownCommands() })
  return Number(process.exitCode ?? 0)
}

/** Of one command, or of all. */
async function showHelp(name?: string): Promise<number> {
  const { renderCommandHelp, renderHelp } = await import('./help.ts')
  const width = Math.min(process.stdout.columns || 80, 100)
  print(name ? await renderCommandHelp(name, width) : renderHelp(width))
  return 0
}

/** Without a command: where one stands. */
async function showStanding(): Promise<number> {
  const { overviewFromOutside } = await import('./standings.ts')
  const text = await overviewFromOutside(root)
  if (text === undefined) return runEntry('overview', commands['overview']!, [])
  printScreen(text)
  return 0
}

async function main(): Promise<number> {
  const [given, ...rawArgs] = process.argv.slice(2)
  if (given === undefined) return showStanding()
  const name = given === '--version' ? 'version' : given
  if (name === '--help' || name === '-h') return showHelp()
  const asked = name === 'help' ? rawArgs[0] : name
  if (asked === undefined) return showHelp()
  const entry = Object.hasOwn(commands, asked) ? commands[asked] : undefined
  if (!entry) throw (await import('./check-arguments.ts')).unknownCommand(asked, rawArgs)
  if (name !== 'help') return runEntry(asked, entry, rawArgs)
  const [, extra] = rawArgs
  if (extra !== undefined) throw (await import('./check-arguments.ts')).unexpectedWord('./lab help', extra)
  return showHelp(asked)
}

/** Of `up` its half inside the lab says nothing: the other one follows. Waits that were given up hold nobody here. */
async function endStopped(): Promise<never> {
  const [{ describeStopped, isStoppable }, { stoppedExitCode }] = await Promise.all([
    import('./stopping.ts'),
    import('../run/progress/stop.ts'),
  ])
  const verb = process.argv[2] === 'reset' ? 'restore' : process.argv[2]
  if (isStoppable(verb)) tell(describeStopped(verb))
  process.exit(stoppedExitCode)
}

async function printError(content: Content<typeof errorDocument>, line: boolean): Promise<void> {
  const [{ printDocument }, others] = await Promise.all([
    import('./documents/document.ts'),
    import('./documents/others.ts'),
  ])
  printDocument(others.errorDocument, content, { line })
}

/** With `--json` an error is a document too: stdout has nothing else. Our own faults keep their trace. */
async function endFailed(error: unknown): Promise<void> {
  const [{ describeError, endingOfError }, { withPages }] = await Promise.all([
    import('./error-document.ts'),
    import('./doc-pages.ts'),
  ])
  const [name = '', ...words] = process.argv.slice(2)
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  const ending = endingOfError(error, entry?.group === 'looking' || name === 'plan')
  const shown = expectedError(error)
  const asDocument = !entry?.passthrough && words.includes('--json')
  if (asDocument) await printError(describeError(error, ending), name === 'logs' || words.includes('--watch'))
  if (shown && !asDocument) tellScreen(withPages(shown.message, shown))
  else if (!shown) tell(inspect(error))
  process.exitCode = exitCode(ending)
}

process.umask(0o077)
main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => (error instanceof Error && error.name === 'StoppedError' ? endStopped() : endFailed(error)),
)
