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

All timeouts, generated from \`scripts/run/timeouts.ts\`: \`npx vitest run test/run/timeouts.test.ts -u\` writes the page again. What the cloud has and what it does not have is in [features.md](features.md), open problems are in [known-problems.md](known-problems.md).

Every wait has a timeout. When it is over, the error says what was waited for, the last answer, and where to look. The times are for an ordinary machine. The first \`up\` measures the speed of your machine, and for \`kvm\` also that of a guest. A machine up to three times slower gets the same timeouts. On a slower one they are multiplied by how much slower it is, and for emulated nodes by another twelve; the factor is never above 60. \`./lab up\` prints the factor; it is stored in \`.lab/lab.json\` and does not change during the life of the lab. The last column says how far a timeout grows with it.

The lock of a checkout has no timeout: a second command is told at once which process holds it and since when.

Timeouts are measured with the monotonic clock (\`performance.now()\`): setting the clock of this machine neither ends nor extends one. \`./lab test faults limits\` moves the clock of the programs of an \`up\` by an hour, forward and back, while it repairs a service (with Debian's \`libfaketime\`, which only this test needs; Terraform is not affected, and neither is the clock of the machine). What a unit has read is remembered as a digest, not as a time.
`

function growth({ largestScale }: Timeout): string {
  if (largestScale === 1) return 'no'
  return largestScale ? `up to ${largestScale} times` : 'yes'
}

const row = (timeout: Timeout) => `| ${timeout.for} | ${timeout.seconds} s | ${growth(timeout)} |`

export function renderTimeouts(): string {
  const sections = Object.entries(timeouts).map(([group, entries]) => [
    `\n## ${titles[group as keyof typeof timeouts]}\n`,
    '| waits for | timeout | grows |',
    '| --- | --- | --- |',
    ...Object.values<Timeout>(entries).map(row),
  ])
  return [intro.trimEnd(), ...sections.flat(), ''].join('\n')
}
