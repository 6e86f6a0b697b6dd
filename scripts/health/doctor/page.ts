/** docs/reference/troubleshooting.md, from the rules themselves. */

import type { AnyRule } from './rule.ts'
import { type RuleName, rules } from './rules/index.ts'

const intro = `# Troubleshooting

When something in the lab does not work, ask the doctor first:

\`\`\`sh
./lab doctor          # each finding: symptom, cause, evidence, the next command
./lab doctor --fix    # repairs what is safe to repair, and looks again
./lab doctor --json   # for programs
./lab doctor --host   # this machine, also before there is a lab
\`\`\`

It looks from this machine, on every node (one connection each) and at the cloud's APIs, for the causes listed below.
What follows from another finding is named under it and not listed again. What it could not look at is said. It changes
nothing unless asked to by \`--fix\`. It also speaks up below the error when \`./lab up\` or \`./lab verify\` fails. Exit
code 0: nothing found and everything looked at; 3: the same, but for what users made (a failed instance or volume of
theirs does not make the lab unhealthy); 1: otherwise.

\`--fix\` does what a person would do by the finding's own command: it starts units, sets links, makes a service as it is
declared. It deletes nothing but doubles of the lab's own entries in the catalog and room that Placement holds for no
server, restarts no instance (one that QEMU has paused for lack of room it resumes), and leaves alone what somebody may
have meant (a service that was disabled, a port's security group, a service of his own in the catalog).

When the doctor finds nothing: \`./lab plan\` shows what differs on the nodes from the declaration, \`./lab logs\` shows
what the services say, \`./lab logs export\` packs it for a bug report.

What is not a fault: in a lab of containers on a kernel without VLANs a project cannot make networks of its own ("No tenant
network is available for allocation"); it uses the provider network. \`./lab up\` says so when it leaves them out.
`

const families: readonly (readonly [title: string, first: RuleName])[] = [
  ['This machine and the way to the nodes', 'host-disk'],
  ['What every node needs', 'host-name'],
  ['Broker, database, cache', 'broker-down'],
  ['Keystone and the catalog', 'keystone-keys'],
  ['Settings that break quietly', 'linuxbridge-flag'],
  ['Services', 'unit-frozen'],
  ['Agents, hosts, volumes', 'agent-disabled'],
  ['Metadata', 'isolated-metadata'],
  ['The way to an instance', 'provider-down'],
  ['Runs that did not end', 'run-cut-off'],
]

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function renderRule([name, { symptom, cause, remedy }]: [string, AnyRule]): string {
  return [`### \`${name}\``, '', sentence(symptom), '', `- Cause: ${cause}.`, `- Do: ${remedy}.`, ''].join('\n')
}

/** Every rule once, in the order in which the doctor looks. */
export function renderTroubleshooting(): string {
  const all = Object.entries(rules) as [RuleName, AnyRule][]
  const sections = all.flatMap((entry) => {
    const title = families.find(([, first]) => first === entry[0])?.[0]
    return [...(title ? [`## ${title}\n`] : []), renderRule(entry)]
  })
  return [intro, `The ${all.length} rules:\n`, ...sections].join('\n')
}
