/** docs/reference/limits.md: every timeout, from the table that the code uses. */

import { type Timeout, timeouts } from './timeouts.ts'

const titles: Record<keyof typeof timeouts, string> = {
  nodes: 'Nodes',
  services: 'Applying a service',
  cloud: 'The cloud',
  verify: '`./lab verify`, `trace` and `doctor`',
  openstack: 'Between services',
  machine: 'This machine',
  outside: 'Downloads',
}

const intro = `# Limits

All timeouts. Generated from \`scripts/run/timeouts.ts\`: \`npx vitest run test/run/timeouts.test.ts -u\` regenerates it. See also [features](features.md) and [known problems](known-problems.md).

Every wait has a timeout. If it expires, the error says what the command was waiting for, the last answer, and where to look. The times are for an ordinary machine. The first \`up\` measures the speed of your machine, and for \`kvm\` also that of a guest. A machine up to three times slower gets the same timeouts. On a slower one they are multiplied by how much slower it is, and for emulated nodes by another twelve; the factor is at most 60. \`./lab up\` prints the factor; it is stored in \`.lab/lab.json\` and does not change during the life of the lab. The last column says whether a timeout is multiplied by this factor, and by how much at most.

A command does not wait for the lock of a checkout: if another command holds it, the error names that process and says since when.

Timeouts use the monotonic clock (\`performance.now()\`), so setting this machine's clock neither ends nor extends one. \`./lab test faults limits\` moves the clock that the programs of an \`up\` see by an hour, forward and back, while it repairs a service (with Debian's \`libfaketime\`, which only this test needs; neither Terraform nor the machine's own clock is affected). Whether a unit has read its current configuration is decided by a digest, not by a time.
`

function growth({ largestScale }: Timeout): string {
  if (largestScale === 1) return 'no'
  return largestScale ? `up to ${largestScale} times` : 'yes'
}

const row = (timeout: Timeout) => `| ${timeout.for} | ${timeout.seconds} s | ${growth(timeout)} |`

export function renderTimeouts(): string {
  const sections = Object.entries(timeouts).map(([group, entries]) => [
    `\n## ${titles[group as keyof typeof timeouts]}\n`,
    '| timeout for | time | multiplied |',
    '| --- | --- | --- |',
    ...Object.values<Timeout>(entries).map(row),
  ])
  return [intro.trimEnd(), ...sections.flat(), ''].join('\n')
}
