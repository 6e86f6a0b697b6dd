/**
 * Every error that a user can cause is one of the four kinds; a plain Error is our own bug and keeps its stack trace.
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Files with plain errors, how many, and why a user never sees them. */
const ownFaults: Readonly<Record<string, readonly [count: number, why: string]>> = {
  'scripts/engine/ini.ts': [1, 'values are checked where they are declared'],
  'scripts/insight/wire/pcap-ring.ts': [2, 'tcpdump writes nothing else'],
  'scripts/insight/live/watch-lab.ts': [1, 'the page shows its message: what a node did not answer'],
  'scripts/run/namespace.ts': [1, 'a call without a program'],
  'scripts/terraform/providers.ts': [1, 'the committed Go module builds both'],
  'scripts/image/build.ts': [1, 'a call without its arguments'],
  'scripts/image/kernel.ts': [1, 'the recipe installs one'],
  'scripts/image/tree-excerpts.ts': [1, 'for who changes the scripts of the image'],
  'scripts/health/verify/chain.ts': [1, 'verify tells it as what it saw'],
  'scripts/health/verify/rfb.ts': [3, 'verify tells them as what it saw'],
  'scripts/services/keystone-authtoken.ts': [1, 'a service without an API asks for none'],
  'scripts/services/order.ts': [2, 'services that need each other in a circle, for who writes one'],
  'scripts/tempest/selection.ts': [1, 'the committed lists are those of the Tempest that the recipe installs'],
}

test('no plain error is thrown where one of the four kinds is needed', () => {
  const { stdout } = execaSync('git', ['ls-files', 'scripts', 'stacks', 'main.ts'], { cwd: root })
  const found = stdout
    .split('\n')
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const count = readFileSync(join(root, file), 'utf8').match(/\bnew (?:Type|Range)?Error\(/g)?.length ?? 0
      return count ? [[file, count] as const] : []
    })
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(Object.entries(ownFaults).map(([file, [count]]) => [file, count])),
  )
})
