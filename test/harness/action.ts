/** The GitHub action of the repository, and its steps run as a runner does. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { execa } from 'execa'
import { parse } from 'yaml'
import { userSettings } from './copy.ts'

export interface ActionStep {
  name?: string
  uses?: string
  if?: string
  shell?: string
  run?: string
  with?: Record<string, unknown>
}

export const actionText = readFileSync(resolve(import.meta.dirname, '../../action.yml'), 'utf8')

export const action = parse(actionText) as {
  inputs: Record<string, { description: string; default: string }>
  runs: { using: string; steps: ActionStep[] }
}

/** Those with a script of their own. */
export const actionScripts = action.runs.steps.flatMap(({ run, ...step }) =>
  run === undefined ? [] : [{ ...step, run }],
)

/** Runs the step's script in a checkout. `temporary` is the runner's folder. Never throws. */
export function runStep(name: string, root: string, { temporary, ...env }: Record<string, string>) {
  const { run } = actionScripts.find((step) => step.name === name)!
  const settings = userSettings(root, { GITHUB_WORKSPACE: root, RUNNER_TEMP: temporary!, ...env })
  // A script on stdin would be read by the commands in it; bash's -c runs it as a runner's file.
  return execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], { ...settings, stdin: 'ignore' })
}
