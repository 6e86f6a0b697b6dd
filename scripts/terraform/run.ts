/** Runs Terraform on the synthesized stacks and shows its JSON events as steps. */

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { CommandError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { ownProgram } from '../run/own-program.ts'
import { runOnHost } from '../run/process.ts'
import { passingLines } from '../run/progress/passing.ts'
import { StoppedError, wasStopped } from '../run/progress/stop.ts'
import { trace } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { type StackEvents, shortName, showEvents, type TerraformEvent } from './events.ts'
import { parsePlan, type StackPlan } from './plan.ts'
import { lockTimeout, type StackName } from './state.ts'
import { terraformEnvironment } from './terraform.ts'

export interface Changes {
  add: number
  change: number
  remove: number
}

const stackFolder = (lab: Lab, stack: StackName) => join(lab.root, 'cdktf.out', 'stacks', stack)

/** Writes cdktf.out/ from the declaration: the same files that cdktf itself deploys. */
export async function synthesize(lab: Lab): Promise<void> {
  const [node, ...args] = ownProgram('main.ts')
  // Where we look for them, whatever another cdktf project's shell says.
  const env = { CDKTF_OUTDIR: join(lab.root, 'cdktf.out') }
  await runOnHost(node, args, { step: 'synthesize the stacks', cwd: lab.root, env })
}

function binary(lab: Lab): { file: string; env: Record<string, string> } {
  const env = terraformEnvironment(lab)
  return { file: env['TERRAFORM_BINARY_NAME'] ?? 'terraform', env }
}

/** `terraform init`, skipped while program, providers and backend are those of the last one: it costs a second for each stack. */
async function initialize(lab: Lab, stack: StackName): Promise<void> {
  const folder = stackFolder(lab, stack)
  const stamp = join(folder, '.terraform', 'duostack-init.json')
  const { file, env } = binary(lab)
  const { terraform } = JSON.parse(await readFile(join(folder, 'cdk.tf.json'), 'utf8'))
  // With the program: OpenTofu knows the same providers by other addresses.
  const wanted = JSON.stringify({ file, terraform })
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  await runOnHost(file, ['init', '-input=false', '-no-color', '-reconfigure'], {
    step: `${stack}: terraform init`,
    cwd: folder,
    env,
  })
  await writeFile(stamp, wanted)
}

/**
 * Runs `terraform apply` or `destroy` on one stack without asking.
 * Throws CommandError with Terraform's own diagnosis; what was done until then is in the state. Ctrl-C lets Terraform
 * end what it can and write its state, then StoppedError is thrown.
 */
export async function runStack(lab: Lab, stack: StackName, verb: 'apply' | 'destroy'): Promise<Changes> {
  await initialize(lab, stack)
  await mkdir(lab.paths.terraform, { recursive: true, mode: 0o700 })
  const { file, env } = binary(lab)
  const args = [verb, '-json', '-auto-approve', '-input=false', lockTimeout]
  trace('host', [file, ...args].join(' '))
  const child = execa(file, args, {
    cwd: stackFolder(lab, stack),
    env: { ...env, ...passingLines },
    reject: false,
    stdin: 'ignore',
    stderr: 'pipe',
    buffer: { stdout: false },
  })
  const needs = readNeeds(lab, stack)
  const events: StackEvents = showEvents({ steps: terminalProgress(), stack, needsOf: (name) => needs.get(name) ?? [] })
  // A terminal's Ctrl-C reaches Terraform by itself; a signal to this process alone does not.
  const interrupt = () => process.stdin.isTTY || process.stderr.isTTY || child.kill('SIGINT')
  process.on('SIGINT', interrupt)
  const result = await followEvents(child, events).finally(() => process.off('SIGINT', interrupt))
  const stopped = result.exitCode !== 0 && (await wasStopped())
  const outcome = events.end(stopped)
  if (stopped) throw new StoppedError()
  if (result.exitCode !== 0) {
    throw new CommandError({
      node: 'host',
      step: `stack ${stack}: terraform ${verb}`,
      paste: `./lab up`,
      exitCode: result.exitCode ?? 1,
      output: [...outcome.diagnostics, result.stderr].filter(Boolean).join('\n'),
    })
  }
  return outcome.changes
}

type Child = PromiseLike<{ exitCode?: number; stderr?: string }> & { iterable(): AsyncIterable<unknown> }

async function followEvents(child: Child, events: StackEvents) {
  for await (const line of child.iterable()) events.take(parseEvent(String(line)))
  return await child
}

/** What each resource waits for, from the synthesized stack's own depends_on. */
function readNeeds(lab: Lab, stack: StackName): Map<string, string[]> {
  const text = readFileSync(join(stackFolder(lab, stack), 'cdk.tf.json'), 'utf8')
  const { resource = {} } = JSON.parse(text) as { resource?: Record<string, Record<string, { depends_on?: string[] }>> }
  return new Map(
    Object.entries(resource).flatMap(([type, all]) =>
      Object.entries(all).map(([id, { depends_on = [] }]) => [shortName(`${type}.${id}`), depends_on.map(shortName)]),
    ),
  )
}

function parseEvent(line: string): TerraformEvent {
  try {
    return JSON.parse(line) as TerraformEvent
  } catch {
    return { type: 'log', '@message': line, '@level': 'info' }
  }
}

/** Terraform's own plan of one stack, as data. A cloud that does not answer is no error: it is said in the plan. */
export async function planStack(lab: Lab, stack: StackName): Promise<StackPlan> {
  const { file, env } = binary(lab)
  const folder = await mkdtemp(join(tmpdir(), 'duostack-plan-'))
  try {
    await initialize(lab, stack)
    const cwd = stackFolder(lab, stack)
    const plan = join(folder, 'plan')
    const args = ['plan', '-input=false', '-no-color', '-lock=false', `-out=${plan}`]
    await runOnHost(file, args, { step: `${stack}: terraform plan`, cwd, env })
    const { stdout } = await runOnHost(file, ['show', '-json', plan], { step: `${stack}: terraform show`, cwd, env })
    return { stack, changes: parsePlan(stack, JSON.parse(stdout)) }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const lines = error.failure.output.split('\n').filter((line) => /Error: /.test(line))
    return { stack, changes: [], failure: (lines[0] ?? error.message.split('\n')[0] ?? '').replace(/^.*?Error: /, '') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
