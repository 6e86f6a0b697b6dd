/** `./lab tempest`: OpenStack's own test suite against this lab. */

import { readFileSync } from 'node:fs'
import { defineCommand } from 'citty'
import { openCloud } from '../cloud/client.ts'
import { exitCode } from '../declaration/exit-codes.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { ensureTempestTree, type TempestTree } from '../image/tempest-tree.ts'
import { withLock } from '../run/lock.ts'
import { enterLab, insideLab } from '../run/namespace.ts'
import { openOutput } from '../run/output-file.ts'
import { ownProgram } from '../run/own-program.ts'
import { terminalProgress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { expectationsOf } from '../tempest/expectations.ts'
import { renderTempestJunit } from '../tempest/junit.ts'
import { showVerdict } from '../tempest/report.ts'
import { cleanUp, runTempest } from '../tempest/run.ts'
import { selectTests } from '../tempest/selection.ts'
import { judge } from '../tempest/verdict.ts'
import { print } from '../terminal/print.ts'
import { printScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { tempestDocument } from './documents/tempest.ts'
import { sayStopping } from './stopping.ts'

interface Wish {
  tests: string
  concurrency: number
  json: boolean
  junit?: ReturnType<typeof openOutput>
}

async function removeRemains(lab: Lab): Promise<void> {
  const removed = await withLock(checkout, async () => cleanUp(await openCloud(lab, loadSecrets(lab.root)), lab))
  print(removed.length ? `removed: ${removed.join(', ')}` : 'nothing to remove')
}

async function run(lab: Lab, tree: TempestTree, { tests: word, concurrency, json, junit }: Wish): Promise<void> {
  const all = readFileSync(tree.tests, 'utf8').trimEnd().split('\n')
  const tests = selectTests(word, all)
  const began = performance.now()
  sayStopping('tempest')
  const { outcomes, leftovers } = await withLock(checkout, () =>
    runTempest({ lab, tree, tests, concurrency }, terminalProgress()),
  )
  const seconds = Math.round((performance.now() - began) / 1000)
  const verdict = judge(outcomes, expectationsOf(lab))
  junit?.(renderTempestJunit(`duostack ${lab.name}`, verdict))
  if (json)
    printDocument(tempestDocument, { selected: word, networking: lab.networking, seconds, ...verdict, leftovers })
  else printScreen(showVerdict(verdict, seconds, leftovers))
  process.exitCode = exitCode(verdict.ok ? 'ok' : 'failed')
}

export default defineCommand({
  meta: {
    name: 'tempest',
    description:
      'Runs Tempest, the test suite of OpenStack, against this lab: the list smoke or refstack, or all tests whose name matches a regular expression. Exit code 0: everything that a lab like this one is expected to pass has passed; 1: something failed, or was skipped although it was expected to pass.',
  },
  args: {
    tests: {
      type: 'positional',
      required: false,
      description: 'smoke, refstack, or a regular expression; default: smoke',
    },
    concurrency: { type: 'string', valueHint: 'number', description: 'how many tests at a time: 1 to 16; default: 2' },
    cleanup: { type: 'boolean', description: 'only remove from the cloud what a killed run has left' },
    json: { type: 'boolean', description: jsonOption },
    junit: { type: 'string', valueHint: 'file', description: 'also write the results as JUnit XML, for CI' },
  },
  async run({ args, rawArgs }) {
    const lab = loadLab(checkout)
    const junit = args.junit === undefined ? undefined : openOutput('./lab tempest --junit', args.junit)
    await obtainRoot()
    // Where the lab's network is one of its own, packages are fetched before it is entered.
    const tree = args.cleanup ? undefined : await ensureTempestTree(terminalProgress())
    if (!insideLab(lab)) {
      process.exitCode = await enterLab(lab, ownProgram(process.argv[1]!, 'tempest', ...rawArgs))
    } else if (tree) {
      const concurrency = Number(args.concurrency ?? 2)
      await run(lab, tree, {
        tests: args.tests ?? 'smoke',
        concurrency,
        json: args.json ?? false,
        ...(junit ? { junit } : {}),
      })
    } else {
      await removeRemains(lab)
    }
  },
})
