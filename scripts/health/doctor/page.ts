/** docs/reference/troubleshooting.md, from the rules themselves. */

import type { AnyRule } from './rule.ts'
import { type RuleName, rules } from './rules/index.ts'

const intro = `# Troubleshooting

When something in the lab does not work, ask the doctor first:

\`\`\`sh
./lab doctor          # each problem: symptom, cause, evidence, the next command
./lab doctor --fix    # repairs what is safe to repair, then checks again
./lab doctor --json   # for programs
./lab doctor --host   # checks this machine, also before there is a lab
\`\`\`

It checks this machine, every node (with one connection each) and the cloud's APIs for the problems listed below. A problem
that is only a consequence of another one is named under it and not listed again. It says what it could not check. Without
\`--fix\` it changes nothing. When \`./lab up\` or \`./lab verify\` fails, its findings are shown below the error. Exit code 0: no
problems, and everything could be checked; 3: the only problems are with things that users created (a user's failed instance
or volume does not make the lab unhealthy); 5: no problems, but not everything could
be checked; 1: otherwise.

\`--fix\` does the same as the command that is shown: it starts units, brings links up, applies a service again. The only things
it deletes are duplicates of the lab's own catalog entries and Placement allocations without a server. It restarts no instance
(but it resumes one that QEMU has paused for lack of space). It does not touch what may be intended: a disabled service, a
port's security group, a user's own service in the catalog.

If the doctor finds nothing: \`./lab plan\` shows how the nodes differ from the configuration, \`./lab logs\` shows the services'
logs, \`./lab logs export\` packs them for a bug report.

This is not a problem: in a container lab on a kernel without VLAN support, a project cannot create networks of its own ("No
tenant network is available for allocation"); it uses the provider network. \`./lab up\` says so when it leaves VLANs out.
`

const families: readonly (readonly [title: string, first: RuleName])[] = [
  ['This machine and the path to the nodes', 'host-disk'],
  ['What every node needs', 'host-name'],
  ['Message queue, database, cache', 'broker-down'],
  ['Keystone and the catalog', 'keystone-keys'],
  ['Configuration', 'linuxbridge-flag'],
  ['Services', 'unit-frozen'],
  ['Agents, hosts, volumes', 'agent-disabled'],
  ['Metadata', 'isolated-metadata'],
  ['The path to an instance', 'provider-down'],
  ['Routers and project networks, in a self-service lab', 'router-unhosted'],
  ['Interrupted runs', 'run-cut-off'],
]

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function renderRule([name, { symptom, cause, remedy }]: [string, AnyRule]): string {
  return [`### \`${name}\``, '', sentence(symptom), '', `- Cause: ${cause}.`, `- Fix: ${remedy}.`, ''].join('\n')
}

/** Every rule once, in the order in which the doctor looks. */
export function renderTroubleshooting(): string {
  const all = Object.entries(rules) as [RuleName, AnyRule][]
  const sections = all.flatMap((entry) => {
    const title = families.find(([, first]) => first === entry[0])?.[0]
    return [...(title ? [`## ${title}\n`] : []), renderRule(entry)]
  })
  return [intro, `All ${all.length} checks:\n`, ...sections].join('\n')
}
