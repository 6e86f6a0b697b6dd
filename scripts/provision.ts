#!/usr/bin/env -S npx tsx

/** Provisions one service on the lab's nodes: what Terraform's local-exec runs. A person may run it too. */

import { fileURLToPath } from 'node:url'
import { chalk, minimist } from 'zx'
import { expectLab } from './declaration/expect-lab.ts'
import type { Lab } from './declaration/lab.ts'
import { loadLab } from './declaration/load.ts'
import { loadSecrets } from './declaration/secrets.ts'
import { type ServiceName, serviceNames } from './declaration/service-profiles.ts'
import { type ApplyContext, applyService, withdrawService } from './engine/apply.ts'
import { readDifferences } from './engine/drift.ts'
import type { Change } from './engine/operation.ts'
import { describeDoing, describeDone, describeReason } from './engine/words.ts'
import { cachedPackages } from './image/cached-packages.ts'
import { runExpected } from './run/expected.ts'
import { enterLab, insideLab } from './run/namespace.ts'
import { ownProgram } from './run/own-program.ts'
import { sayPassing } from './run/progress/passing.ts'
import { hideInTrace, traceTo } from './run/progress/trace.ts'
import { serviceOf } from './services/index.ts'
import { print, tell } from './terminal/print.ts'

const usage = `Usage: npx tsx scripts/provision.ts SERVICE [--dry-run]

Makes SERVICE on its nodes what the lab's declaration says: databases, identity, packages, files, setup, units; then waits
until it is ready. Does only what is missing and says what and why; run again it does nothing. A service that is switched
off in lab_services is stopped; its data stays.

  SERVICE     ${serviceNames.join(', ')}
  --dry-run   says what differs, changes nothing

Exit codes: 0 done or nothing to do; 1 failed; 2 wrong usage; 3 something differs (--dry-run).`

async function main(argv: readonly string[]): Promise<number> {
  const { _: names, help, 'dry-run': dry, ...unknown } = minimist([...argv], { boolean: ['help', 'dry-run'] })
  if (help) {
    print(usage)
    return 0
  }
  const [name] = names
  if (names.length !== 1 || !isServiceName(name) || Object.keys(unknown).length > 0) {
    tell(usage)
    return 2
  }
  const lab = loadLab()
  expectLab(lab.root)
  if (!insideLab(lab)) return enterLab(lab, ownProgram(fileURLToPath(import.meta.url), ...argv))
  return provision(lab, name, dry === true)
}

const isServiceName = (name: unknown): name is ServiceName => serviceNames.includes(name as ServiceName)

async function provision(lab: Lab, name: ServiceName, dry: boolean): Promise<number> {
  const start = performance.now()
  const secrets = loadSecrets(lab.root)
  traceTo(print)
  hideInTrace(Object.values(secrets))
  const context: ApplyContext = {
    lab,
    secrets,
    packageFiles: cachedPackages(lab),
    // In a dry run all of them are known only at the end: Keystone's and those of the APIs too.
    ...(dry ? {} : { onChange: (change) => print(describeChange(change, dry)) }),
    onStart: (node, operation) => sayPassing(`${node}: ${describeDoing(operation)}`),
    onWait: (what, answer) => sayPassing(`waiting until ${what}: ${answer}`),
  }
  const service = serviceOf(lab, secrets, name)
  const apply = lab.services[name] ? applyService : withdrawService
  const changes = dry ? ((await readDifferences([service], context)).get(name) ?? []) : await apply(service, context)
  if (dry) for (const change of changes) print(describeChange(change, dry))
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const verb = dry ? 'to change' : 'changed'
  print(`${name}: ${changes.length ? `${changes.length} ${verb}` : 'nothing to do'} (${seconds} s)`)
  return dry && changes.length ? 3 : 0
}

function describeChange(change: Change, dry: boolean): string {
  const { node, title, reason } = change
  return dry
    ? `  ${chalk.yellow('~')} ${node}: ${title} ${chalk.dim(`(${reason})`)}`
    : `  ${chalk.green('✓')} ${node}: ${describeDone(change)} ${chalk.dim(`(${describeReason(change)})`)}`
}

await runExpected(async () => {
  process.exitCode = await main(process.argv.slice(2))
})
