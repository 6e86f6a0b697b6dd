/**
 * The command line: unknown arguments are rejected with the nearest known one, and the shells complete the known ones.
 */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa, execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { ConnectError, LabError, UsageError } from '../../scripts/declaration/errors.ts'
import { exitCode, exitCodes } from '../../scripts/declaration/exit-codes.ts'
import { noLab } from '../../scripts/declaration/expect-lab.ts'
import { argumentRules } from '../../scripts/lab/argument-rules.ts'
import { checkArguments, checkPassthrough, spellChoices, unknownCommand } from '../../scripts/lab/check-arguments.ts'
import { commands, readUsage, shownCommands } from '../../scripts/lab/commands.ts'
import { renderCompletion } from '../../scripts/lab/completion.ts'
import { errorDocument } from '../../scripts/lab/documents/others.ts'
import { describeError, endingOfError } from '../../scripts/lab/error-document.ts'
import { renderCommandHelp, renderHelp } from '../../scripts/lab/help.ts'
import { bareCheckout } from '../fixtures/bare-checkout.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { parseDocument } from '../harness/documents.ts'

const root = resolve(import.meta.dirname, '../..')

async function refused(name: string, ...args: string[]): Promise<string> {
  try {
    checkArguments(await readUsage(name), args)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as Error).message
  }
  return ''
}

describe('arguments', () => {
  test.each([
    [['up']],
    [['up', '--hypervisor', 'lxc']],
    [['up', '--hypervisor=qemu']],
    [['status', '--json']],
    [['completion', 'fish']],
  ])('./lab %j is accepted', async ([name = '', ...args]) => {
    expect(await refused(name, ...args)).toBe('')
  })

  test.each([
    [['up', '--hypervisr', 'lxc'], 'unknown option --hypervisr', 'did you mean --hypervisor?'],
    [['up', '--hypervisor', 'lcx'], '--hypervisor lcx', 'did you mean lxc?'],
    [['up', '--hypervisor'], '--hypervisor without a value', 'auto, kvm, qemu, lxc'],
    [['up', '--hypervisor', '--json'], '--hypervisor without a value', 'auto, kvm, qemu, lxc'],
    [['status', '--json=1'], '--json=1', '--json without a value'],
    [['down', 'now'], 'unexpected argument "now"', 'only options'],
    [['completion'], 'no SHELL', 'bash, zsh, fish'],
    [['console'], 'no SERVER', './lab openstack server list --all-projects'],
    [['wait'], 'no --for', 'healthy, active:SERVER or deleted:SERVER'],
    [['completion', 'fisch'], 'SHELL fisch', 'did you mean fish?'],
    [['logs', 'nova-api'], 'SERVICE nova-api', 'did you mean nova?'],
    [['logs', 'neutron-linuxbridge-agent'], 'neutron-linuxbridge-agent', 'did you mean neutron?'],
  ])('./lab %j is refused', async ([name = '', ...args], given, said) => {
    const message = await refused(name, ...args)
    expect(message).toContain(given)
    expect(message).toContain(said)
  })

  test.each([
    ['up', '--yes'],
    ['up', '--evict', '--rebuild'],
    ['up', '--hypervisor', 'lxc', '--hypervisor', 'kvm'],
    ['down', '--id', 'banana'],
    ['secrets'],
    ['secrets', 'turn'],
    ['plan', '--json', '--svg'],
    ['status', '--'],
    ['verify', '--quick', '--volumes'],
    ['verify', '--now', '--booting'],
    ['doctor', '--host', '--fix'],
    ['trace', 'test', '--launch'],
    ['trace', 'test', '--drill', 'quota'],
    ['trace', '--keep'],
    ['trace', '--json', '--html'],
    ['trace', ''],
    ['topology', '--json', '--svg'],
    ['topology', '--path', 'test', '--html'],
    ['topology', '--path', ''],
    ['report', ''],
    ['logs', '--since', 'banana'],
    ['logs', '--since', '999999999999d'],
    ['logs', '--since', '2999-01-01'],
    ['logs', '--since='],
    ['logs', '--output', 'file'],
    ['logs', 'nova', 'export'],
    ['logs', 'export', '--follow'],
    ['logs', '--level', 'LOUD'],
    ['image', 'add', 'http://', 'name'],
    ['image', 'add', 'http://example.org/100%.qcow2', '-'],
    ['image', 'add', 'ftp://example.org/os.qcow2', 'name'],
    ['image', 'add', 'package.json', '--name'],
    ['image', 'add', 'package.json', 'name', '--checksum', 'sha256:short'],
    ['open', '--port', 'http'],
    ['open', '--console-port', '99999'],
    ['console', 'test', '--port', '0'],
    ['completion', 'tcsh'],
    ['class'],
    ['class', 'make'],
    ['class', 'create', '--students', '100'],
    ['class', 'create', '--students', 'many'],
    ['class', 'create', 's01', '--students', '2'],
    ['class', 'create', '--students', '2', '--yes'],
    ['class', 'list', '--csv', 'x.csv'],
    ['class', 'reset', 'kim'],
    ['class', 'remove', 's00'],
    ['status', '--project', 'demo', '--watch'],
    ['wait'],
    ['wait', '--timeout', '5m'],
    ['wait', '--for', 'banana'],
    ['wait', '--for', 'healthy', '--timeout', 'soon'],
    ['version', 'now'],
  ])('./lab %s %s %s %s is refused before anything is looked at', async (name, ...args) => {
    expect(await refused(name!, ...args)).toMatch(/: .+\n {4}expected: ./)
  })

  test.each([
    ['logs', 'export', '--output', 'file'],
    ['logs', 'nova', 'base', '--since', '2h', '--node', 'controller'],
    ['trace', '--drill', 'quota', '--keep', '--json'],
    ['topology', '--path', 'test', '--json'],
    ['image', 'add', 'http://example.org/100%.qcow2', 'os', '--checksum', 'http://example.org/SHA256SUMS'],
    ['class', 'create', '--students', '20', '--csv', 'x.csv', '--json'],
    ['class', 'remove', 's07', '--yes'],
    ['down', '--id', '1a2b3c4d', '--yes'],
    ['open', '--port', '8081', '--console-port', '6081'],
  ])('./lab %s %s %s %s is allowed', async (name, ...args) => {
    expect(await refused(name!, ...args)).toBe('')
  })

  test("an option's value is understood whatever its case", async () => {
    const usage = await readUsage('logs')
    expect(spellChoices(usage, ['--level', 'error', 'nova'])).toEqual(['--level', 'ERROR', 'nova'])
    expect(spellChoices(usage, ['--level=Warning', '--node', 'ERROR'])).toEqual(['--level=WARNING', '--node', 'ERROR'])
    expect(spellChoices(usage, ['--level', 'loud'])).toEqual(['--level', 'loud'])
  })

  test('the rules name only commands, options and words that there are', async () => {
    for (const [name, { alone = [], needs = {}, values = {} }] of Object.entries(argumentRules)) {
      const { options, words, entry } = await readUsage(name)
      const known = [...options.map(({ flag }) => flag), ...words.map((word) => word.name), ...(entry.firstWords ?? [])]
      const named = [...alone.flat(), ...Object.entries(needs).flat(2), ...Object.keys(values)]
      expect(named.filter((one) => !known.includes(one))).toEqual([])
    }
  })

  test.each([
    [[], 'no NODE', 'NODE: controller, compute1'],
    [['contoller'], 'no node "contoller"', 'did you mean controller?'],
    [['-oProxyCommand=x'], 'no node "-oProxyCommand=x"', 'controller, compute1'],
  ])('ssh %j is refused with the names of the nodes', (args, given, said) => {
    const check = () => checkPassthrough('ssh', commands['ssh']!, args, ['controller', 'compute1'])
    expect(check).toThrow(given)
    expect(check).toThrow(said)
  })

  test('help takes one command', async () => {
    const { exitCode: code, stderr } = await execa('./lab', ['help', 'up', 'now'], {
      cwd: bareCheckout(),
      reject: false,
    })
    expect([code, stderr]).toEqual([2, expect.stringContaining('unexpected argument "now"')])
  })

  test('words of the OpenStack client lead to it, quoted', () => {
    expect(unknownCommand('server', ['show', 'a;b']).message).toContain("./lab openstack server show 'a;b'")
  })

  test.each(['ssh', 'exec'])('%s without a word is refused, also without a lab', (name) => {
    for (const args of [[], ['--'], ['']]) {
      expect(() => checkPassthrough(name, commands[name]!, args)).toThrow(UsageError)
    }
    expect(() => checkPassthrough(name, commands[name]!, ['--', 'true'])).not.toThrow()
    expect(() => checkPassthrough('openstack', commands['openstack']!, [])).not.toThrow()
  })

  test.each([
    ['stauts', 'status'],
    ['statsu', 'status'],
    ['stat', 'status'],
    ['-v', '--version'],
    ['-V', '--version'],
    ['--versoin', '--version'],
    ['doctro', 'doctor'],
    ['plna', 'plan'],
  ])('%s: did you mean %s?', (typed, meant) => {
    expect(unknownCommand(typed).message).toContain(`did you mean ${meant}?`)
  })

  test.each(['x', 'st', 'ps', '-x', 'destroy', 'deploy', ''])('%j is near to nothing', (typed) => {
    expect(unknownCommand(typed).message).not.toContain('did you mean')
  })

  test('an option that is known from elsewhere by one letter', async () => {
    expect(await refused('logs', '-f')).toContain('did you mean --follow?')
    expect(await refused('completion', 'tcsh')).toMatch(
      /expected: bash, zsh, fish\n {4}hint: \.\/lab completion --help$/,
    )
  })

  test('all mistakes are reported at once', async () => {
    expect((await refused('up', '--jsn', '--hypervisor', 'x')).match(/^\.\/lab up: /gm)).toHaveLength(2)
  })

  test('an unknown command names the nearest one', () => {
    expect(unknownCommand('opnstack').message).toContain('did you mean openstack?')
    expect(unknownCommand('frobnicate').message).not.toContain('did you mean')
  })

  test('a wrong command line exits with 2 and does nothing', async () => {
    const lab = (...args: string[]) => execa('./lab', args, { cwd: root, reject: false })
    const [command, option] = await Promise.all([lab('stauts'), lab('down', '--yse')])
    expect([command.exitCode, option.exitCode]).toEqual([2, 2])
    expect(option.stderr).toContain('did you mean --yes?')
  })
})

describe('help', () => {
  test('every command is in the help, which fits 80 columns', () => {
    const help = renderHelp(80)
    for (const [name] of shownCommands()) expect(help).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test.each(shownCommands().map(([name]) => name))('%s has an example and says what each option does', async (name) => {
    const { options, words, description } = await readUsage(name)
    expect(commands[name]!.examples.length).toBeGreaterThan(0)
    expect([description, ...[...options, ...words].map((one) => one.description)]).not.toContain('')
    const help = await renderCommandHelp(name, 80)
    for (const [command] of commands[name]!.examples) expect(help).toContain(command)
  })
})

const has = (program: string) => !execaSync('sh', ['-c', `command -v ${program}`], { reject: false }).exitCode

describe('completion', () => {
  /** What bash offers for the last of the words. */
  async function offer(...words: string[]): Promise<string[]> {
    const line = words.map((word) => `'${word}'`).join(' ')
    const ask = `${await renderCompletion('bash', shownCommands())}
COMP_WORDS=(./lab ${line}) COMP_CWORD=${words.length}
_lab ./lab '${words.at(-1)}' '${words.at(-2) ?? './lab'}'
printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await execa('bash', ['-c', ask], { cwd: root })
    return stdout.split('\n').filter(Boolean)
  }

  test('bash: commands, options, their values', async () => {
    expect(await offer('statu')).toEqual(['status'])
    expect(await offer('up', '--hyp')).toEqual(['--hypervisor'])
    expect(await offer('up', '--hypervisor', 'l')).toEqual(['lxc'])
    expect(await offer('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })

  /** The parts of a checkout that completion reads. */
  function checkoutWithLab(): string {
    const folder = temporaryFolder()
    mkdirSync(join(folder, '.lab/ssh'), { recursive: true })
    writeFileSync(join(folder, '.lab/ssh/ssh_config'), 'Host node-a\n  HostName 10.0.0.11\nHost *\n  User root\n')
    return folder
  }

  // CI installs both shells; without the others only bash is tested.
  test.runIf(has('fish'))('fish: commands, options, their values, node names', async () => {
    const folder = checkoutWithLab()
    writeFileSync(join(folder, 'lab'), '', { mode: 0o755 })
    writeFileSync(join(folder, 'lab.fish'), await renderCompletion('fish', shownCommands()))
    const lines = ['./lab statu', './lab up --hyp', './lab up --hypervisor l', './lab ssh ']
    const ask = `source lab.fish; ${lines.map((line) => `complete -C '${line}'`).join('; echo ==; ')}`
    const { stdout } = await execa('fish', ['--no-config', '-c', ask], { cwd: folder })
    const offered = stdout.split('==\n').map((part) => part.split('\t')[0]!.trim())
    expect(stdout).toContain('--hypervisor\t')
    expect([offered[0], offered[2], offered[3]]).toEqual(['status', 'lxc', 'node-a'])
  })

  test.runIf(has('zsh'))('zsh takes the script', async () => {
    const ask = 'autoload -Uz compinit && compinit -u -D; eval "$(cat)"; print $_comps[lab]'
    const { stdout } = await execa('zsh', ['-f', '-c', ask], { input: await renderCompletion('zsh', shownCommands()) })
    expect(stdout).toBe('_lab')
  })

  test('bash: node names come from the lab, when Tab is pressed', async () => {
    const folder = checkoutWithLab()
    const ask = `${await renderCompletion('bash', shownCommands())}
for program in ${folder}/lab '~/lab' '~/odd\\ #%41/lab'; do
COMP_WORDS=("$program" ssh '') COMP_CWORD=2; _lab "$program" '' ssh; printf '%s\\n' "\${COMPREPLY[@]}"
done`
    cpSync(join(folder, '.lab'), join(folder, 'odd #%41/.lab'), { recursive: true })
    const { stdout } = await execa('bash', ['-c', ask], { env: { HOME: folder } })
    expect(stdout.match(/^node-a$/gm)).toHaveLength(3)
  })
})

describe('the end of a command that failed', () => {
  const silent = new ConnectError('controller', 'timed out', 'ssh controller')

  test.each([
    ['a wrong command line', new UsageError([]), true, 2],
    ['no lab', noLab(), true, 4],
    ['a wrong declaration', new LabError([]), true, 1],
    ['a node that does not answer a command that only looks', silent, true, 5],
    ['a node that does not answer a command that changes the lab', silent, false, 1],
    ['a fault of our own', new Error('oops'), true, 1],
  ])('%s', (_, error, onlyLooks, code) => {
    expect(exitCode(endingOfError(error, onlyLooks))).toBe(code)
  })

  test('the codes are distinct, and each stands in the help', () => {
    const all = Object.values(exitCodes)
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length)
    for (const { code, short } of all) expect(renderHelp(80)).toMatch(new RegExp(`^  ${code} +${short}$`, 'm'))
  })

  test('the guide for scripts has the same codes with the same words', () => {
    const guide = readFileSync(join(root, 'docs/guide/scripting.md'), 'utf8')
    const rows = [...guide.matchAll(/^\| (\d+) \| ([^|]+) \|/gm)].map(([, code, meaning]) => [Number(code), meaning])
    expect(rows).toEqual(Object.values(exitCodes).map(({ code, meaning }) => [code, meaning]))
  })

  test('without a lab --json gives a document of its own, and nothing else', async () => {
    const {
      exitCode: code,
      stdout,
      stderr,
    } = await execa('./lab', ['verify', '--json'], {
      cwd: bareCheckout(),
      reject: false,
    })
    expect([code, stderr]).toEqual([4, ''])
    expect(parseDocument(stdout)).toEqual({ schema: errorDocument.id, ...describeError(noLab(), 'noLab') })
  })
})
