/** Detects a `cdktf deploy` that was started without env.cjs and so would run on an unprepared machine. */

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { LabError } from '../declaration/errors.ts'

const labVerbs = ['deploy', 'apply', 'diff', 'plan', 'destroy']

/** `cdktf deploy`, if these words of a running program are that or the like. */
export function readLabVerb(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => ['cdktf', 'cdktf.js'].includes(basename(word)))
  const verb = argv[at + 1]
  return at >= 0 && at < 2 && verb && labVerbs.includes(verb) ? verb : undefined
}

/** The words of the programs that started this one, the nearest first. */
function* readCallers(): Generator<string[]> {
  for (let pid = process.ppid; pid > 1; ) {
    try {
      yield readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      pid = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      return
    }
  }
}

/** Throws where cdktf would touch the lab unprepared. `cdktf synth` needs no preparation. */
export function expectPrepared(environment = process.env, callers: Iterable<string[]> = readCallers()): void {
  if (environment['DUOSTACK_PREPARED']) return
  const [verb] = [...callers].flatMap((argv) => readLabVerb(argv) ?? [])
  if (!verb) return
  throw new LabError([
    {
      where: `cdktf ${verb}`,
      given: 'started without env.cjs, which prepares this machine',
      allowed: 'npx cdktf in the checkout, with the node-options that its .npmrc sets',
      remedy: `env -u npm_config_node_options -u NPM_CONFIG_NODE_OPTIONS npx cdktf ${verb}`,
    },
  ])
}
