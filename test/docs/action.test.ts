/** The GitHub action: its commands exist, and its steps do what they say, with a `./lab` that records how it was called. */

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { temporaryFolder } from '../fixtures/folder.ts'
import { type ActionStep, action, actionScripts, actionText, runStep } from '../harness/action.ts'
import { judge } from './judge-command.ts'

const root = resolve(import.meta.dirname, '../..')
const { inputs, runs } = action

describe('action.yml', () => {
  test('has a description and a default for each input, and uses each of them', () => {
    expect(runs.using).toBe('composite')
    const used = [...actionText.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name)
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(inputs).toSorted())
    for (const input of Object.values(inputs)) expect(Object.keys(input)).toEqual(['description', 'default'])
  })

  test('gives values to its scripts by the environment alone: an expression in a script would be run as one', () => {
    for (const { run, shell } of actionScripts) {
      expect(run).not.toContain('${{')
      expect(shell).toBe('bash')
    }
  })

  test('runs commands that exist, with options that exist', async () => {
    const lines = actionScripts.flatMap(({ run }) => run.split('\n')).map((line) => line.trim())
    const called = lines.filter((line) => line.startsWith('./lab '))
    expect(called.length).toBeGreaterThan(4)
    const words = called.map((line) =>
      line
        .replace(/ (?:>|\|\|) .*$| &$/, '')
        .replaceAll('"$TESTS"', 'smoke')
        .replaceAll(/"\$RUNNER_TEMP([^"]*)"/g, '/tmp$1'),
    )
    expect((await Promise.all(words.map(judge))).flat()).toEqual([])
  })

  test('collects and removes also after a failure', () => {
    const last = runs.steps.slice(-3)
    expect(last.map(({ name, uses }) => name ?? uses?.split('@')[0])).toEqual([
      'Export the logs',
      'actions/upload-artifact',
      'Remove the lab',
    ])
    for (const step of last) expect(step.if).toBe('always()')
  })

  test('the page about it uses inputs that it has, and commands that exist', async () => {
    const page = readFileSync(join(root, 'docs/guide/ci.md'), 'utf8')
    const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block]) => parse(block!))
    const steps = blocks
      .flatMap((block) => Object.values(block.jobs as Record<string, { steps: ActionStep[] }>))
      .flatMap((job) => job.steps)
    const ours = steps.filter(({ uses }) => uses?.includes('/duostack@'))
    expect(ours.length).toBeGreaterThan(1)
    const called = steps.flatMap(({ run }) => (run?.startsWith('./lab ') ? [run.replaceAll('"', '')] : []))
    expect(called.length).toBeGreaterThan(3)
    expect((await Promise.all(called.map(judge))).flat()).toEqual([])
    for (const step of ours) {
      expect(Object.keys(step.with ?? {}).filter((name) => !inputs[name])).toEqual([])
    }
  })
})

/** A checkout in which `./lab` writes down its arguments, and offers APIs as `open` does; and a workspace beside it. */
function fakeCheckout() {
  const folder = temporaryFolder()
  const [checkout, workspace, temporary] = ['lab "1"', 'workspace', 'temp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const one of [checkout, workspace, temporary]) mkdirSync(one)
  cpSync(join(root, 'ansible-vars'), join(checkout, 'ansible-vars'), { recursive: true })
  mkdirSync(join(checkout, '.lab'))
  const lab = `#!/bin/sh
echo "$*" >> calls
[ "$1" = open ] || exit 0
trap 'rm .lab/api-clouds.yaml; echo closed >> calls; exit 0' TERM
[ ! -e broken ] || exit 1
touch .lab/api-clouds.yaml
while :; do sleep 0.1; done
`
  writeFileSync(join(checkout, 'lab'), lab, { mode: 0o755 })
  const run = (name: string, env: Record<string, string>) =>
    runStep(name, checkout, { temporary, GITHUB_WORKSPACE: workspace, ...env })
  const calls = () => readFileSync(join(checkout, 'calls'), 'utf8').trim().split('\n')
  return { checkout, workspace, temporary, run, calls }
}

describe('the steps', () => {
  test('are valid for bash', () => {
    for (const { run } of actionScripts) execaSync('bash', ['-n'], { input: run })
  })

  test("commands run in the workspace, with the lab's clouds.yaml, and the APIs are closed after them", async () => {
    const { checkout, workspace, run, calls } = fakeCheckout()
    const RUN = 'pwd; echo "$OS_CLOUD $OS_CLIENT_CONFIG_FILE"; [ -e "$OS_CLIENT_CONFIG_FILE" ]'
    const { exitCode, stdout } = await run('Run the commands', { RUN, OS_CLOUD: 'demo' })
    expect(stdout.split('\n')).toEqual([workspace, `demo ${checkout}/.lab/api-clouds.yaml`])
    expect(exitCode).toBe(0)
    expect(calls()).toEqual(['open --api --no-browser', 'closed'])
  })

  test('a command that fails fails the step, and the APIs are closed', async () => {
    const { run, calls } = fakeCheckout()
    const { exitCode, stdout } = await run('Run the commands', {
      RUN: 'echo first\nfalse | cat\necho second',
      OS_CLOUD: 'demo',
    })
    expect([exitCode, stdout]).toEqual([1, 'first'])
    expect(calls()).toContain('closed')
  })

  test('if the APIs cannot be offered, the step fails at once', async () => {
    const { checkout, run } = fakeCheckout()
    writeFileSync(join(checkout, 'broken'), '')
    const { exitCode, stdout } = await run('Run the commands', { RUN: 'echo ran', OS_CLOUD: 'demo' })
    expect([exitCode, stdout]).toEqual([1, ''])
  })

  test('the configuration is that of ansible-vars, with the files and the networking that were given', async () => {
    const { checkout, workspace, temporary, run } = fakeCheckout()
    const all = join(checkout, 'ansible-vars/group_vars/all.yml')
    const asGiven = readFileSync(all, 'utf8')
    expect((await run('Configure the lab', { ANSIBLE_VARS: '', NETWORKING: '' })).exitCode).toBe(0)
    expect(readFileSync(all, 'utf8')).toBe(asGiven)
    mkdirSync(join(workspace, 'my vars/group_vars'), { recursive: true })
    writeFileSync(join(workspace, 'my vars/group_vars/all.yml'), 'lab_name: mine\nlab_networking: provider\n')
    const given = await run('Configure the lab', { ANSIBLE_VARS: 'my vars', NETWORKING: 'self-service' })
    expect(given.exitCode, given.all).toBe(0)
    expect(readFileSync(all, 'utf8')).toBe('lab_name: mine\nlab_networking: self-service\n')
    expect(existsSync(join(checkout, 'ansible-vars/hosts.yml'))).toBe(true)
    expect(existsSync(join(temporary, 'duostack'))).toBe(true)
  })

  test('the others call what they are named after', async () => {
    const { temporary, run, calls } = fakeCheckout()
    mkdirSync(join(temporary, 'duostack'))
    for (const name of ['Build the lab', 'Run Tempest', 'Export the logs', 'Remove the lab']) {
      expect((await run(name, { TESTS: 'tempest.api.compute (smoke)' })).exitCode).toBe(0)
    }
    expect(calls()).toEqual([
      'up --hypervisor lxc',
      `tempest tempest.api.compute (smoke) --junit ${temporary}/duostack/tempest.xml`,
      'doctor --json',
      `logs export --output ${temporary}/duostack/logs.tar.gz`,
      'down --yes',
    ])
  })
})
