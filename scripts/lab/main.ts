/** The front door: which commands there are, where each one runs, and how an error ends. */

import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ArgsDef, type CommandDef, renderUsage, runCommand } from 'citty'
import { isExpected, LabError } from '../errors.ts'

interface Entry {
  load: () => Promise<{ default: CommandDef<never> }>
  summary: string
  /** Runs where the lab can be reached: in its network namespace, where it has one. */
  inside?: boolean
  /** Arguments belong to another program and are handed on untouched. */
  passthrough?: boolean
  hidden?: boolean
}

const load = (module: Promise<unknown>) => module as Promise<{ default: CommandDef<never> }>

const commands: Record<string, Entry> = {
  up: { load: () => load(import('./up.ts')), summary: 'build the lab, or bring it to what is declared, and verify it' },
  down: { load: () => load(import('./down.ts')), summary: 'remove the lab and prove that nothing is left' },
  plan: { load: () => load(import('./plan.ts')), summary: 'show what would be built or changed; touches nothing' },
  status: {
    load: () => load(import('./status.ts')),
    summary: 'nodes, services, agents, instances on one screen',
    inside: true,
  },
  verify: {
    load: () => load(import('./verify.ts')),
    summary: 'the acceptance list, each line observed now',
    inside: true,
  },
  ssh: {
    load: () => load(import('./ssh.ts')),
    summary: 'log in to a node, or run a command there',
    inside: true,
    passthrough: true,
  },
  openstack: {
    load: () => load(import('./openstack.ts')),
    summary: 'the OpenStack client, as admin',
    inside: true,
    passthrough: true,
  },
  exec: {
    load: () => load(import('./exec.ts')),
    summary: 'run a program where the lab can be reached',
    passthrough: true,
  },
  test: {
    load: () => load(import('./test.ts')),
    summary: 'the tests that need no lab; `test e2e` builds a real one',
    passthrough: true,
  },
  deploy: {
    load: () => load(import('./deploy.ts')),
    summary: 'the part of `up` after prepare',
    inside: true,
    hidden: true,
  },
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

function usage(): string {
  const shown = Object.entries(commands).filter(([, entry]) => !entry.hidden)
  const width = Math.max(...shown.map(([name]) => name.length))
  return [
    'Duostack: a two-node OpenStack cloud on this machine.',
    '',
    'usage: ./lab COMMAND [OPTIONS]        ./lab COMMAND --help',
    '',
    ...shown.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'What the lab is stands in ansible-vars/. Start with: ./lab up',
  ].join('\n')
}

/** citty passes over options that it does not know; a mistyped one must not be ignored. */
async function refuseUnknown(name: string, command: CommandDef<never>, rawArgs: string[]): Promise<void> {
  const args = ((typeof command.args === 'function' ? await command.args() : await command.args) ?? {}) as ArgsDef
  const known = Object.entries(args)
    .filter(([, arg]) => arg.type !== 'positional')
    .map(([key]) => `--${key}`)
  const unknown = rawArgs.find((arg) => arg.startsWith('-') && arg !== '--' && !known.includes(arg.split('=')[0]!))
  if (unknown) {
    throw new LabError([
      {
        where: `./lab ${name}`,
        given: `unknown option ${unknown}`,
        allowed: known.join(' ') || 'no options',
        remedy: `./lab ${name} --help`,
      },
    ])
  }
}

async function runEntry(name: string, entry: Entry, rawArgs: string[]): Promise<number> {
  const wantsHelp = entry.passthrough
    ? rawArgs[0] === '--help' && name !== 'openstack'
    : rawArgs.some((arg) => arg === '--help' || arg === '-h')
  const command = (await entry.load()).default
  if (wantsHelp) {
    console.log(await renderUsage(command, { meta: { name: './lab' } }))
    return 0
  }
  if (!entry.passthrough) await refuseUnknown(name, command, rawArgs)
  if (entry.inside) {
    const { loadLab } = await import('../declaration/load.ts')
    const { enterLab, insideLab } = await import('../host/namespace.ts')
    const lab = loadLab(root)
    if (!insideLab(lab))
      return enterLab(lab, [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), name, ...rawArgs])
  }
  await runCommand(command, { rawArgs: entry.passthrough ? ['--', ...rawArgs] : rawArgs })
  return Number(process.exitCode ?? 0)
}

async function main(): Promise<number> {
  const [name = '--help', ...rawArgs] = process.argv.slice(2)
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(usage())
    return 0
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!entry) {
    console.error(`./lab: no command ${JSON.stringify(name)}\n\n${usage()}`)
    return 2
  }
  return runEntry(name, entry, rawArgs)
}

process.umask(0o077)
main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(isExpected(error) ? error.message : error)
    process.exitCode = 1
  },
)
