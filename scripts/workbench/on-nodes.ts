/** What is changed on the nodes on purpose, read from them: services that log at debug level, and patches. */

import { isExpected } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'

export interface PatchOnNode {
  service: string
  name: string
  /** `unfinished`: a run was cut off in the middle. `replaced`: its files have been changed since. */
  state: 'whole' | 'unfinished' | 'replaced'
}

/** Of one node; both are empty on nearly every one. */
export interface OnNode {
  /** Services. */
  debug: string[]
  patches: PatchOnNode[]
}

/** bash; prints nothing where nothing is changed. */
export const onNodeScript = `
for file in /etc/*/*.conf.d/duostack-debug.conf; do
  [ ! -e "$file" ] || echo "on-purpose debug $(basename "$(dirname "$(dirname "$file")")")"
done
for record in /var/lib/duostack/patches/*/[0-9]*; do
  [ -d "$record" ] || continue
  state=whole
  if [ -s "$record/sums" ] && ! sha256sum -c --status "$record/sums" 2>/dev/null; then state=replaced; fi
  [ -e "$record/done" ] || state=unfinished
  name=$(basename "$record")
  echo "on-purpose patch $(basename "$(dirname "$record")") \${name#*-} $state"
done
`

export function parseOnNode(output: string): OnNode {
  const debug = [...output.matchAll(/^on-purpose debug (\S+)$/gm)].map(([, service]) => service!)
  const patches = [...output.matchAll(/^on-purpose patch (\S+) (\S+) (whole|unfinished|replaced)$/gm)]
  return {
    debug: [...new Set(debug)],
    patches: patches.map(([, service, name, state]) => ({
      service: service!,
      name: name!,
      state: state as PatchOnNode['state'],
    })),
  }
}

const stateWords = { whole: '', unfinished: ', cut off in the middle', replaced: ', its files were changed since' }

/** One line for each service or patch, with its nodes: `debug logging: nova (controller, compute1)`. */
export function describeOnNodes(nodes: readonly ({ name: string } & Partial<OnNode>)[]): string[] {
  const lines = new Map<string, string[]>()
  const add = (line: string, node: string) => lines.set(line, [...(lines.get(line) ?? []), node])
  for (const { name, debug = [], patches = [] } of nodes) {
    for (const service of debug) add(`debug logging: ${service}`, name)
    for (const { service, name: patch, state } of patches) add(`patch: ${service} ${patch}${stateWords[state]}`, name)
  }
  return [...lines]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([line, on]) => `${line} (${on.join(', ')})`)
}

/** A node that does not answer is left out: whoever asks hears of that elsewhere. */
export async function readOnNodes(lab: Lab): Promise<string[]> {
  const read = await Promise.all(
    lab.nodes.map(async (node) => {
      try {
        const options = {
          step: 'look for debug logging and patches',
          timeoutSeconds: scaled(lab, timeouts.nodes.answer),
        }
        return [{ name: node.name, ...parseOnNode(await sshHost(lab, node).run(onNodeScript, options)) }]
      } catch (error) {
        if (isExpected(error)) return []
        throw error
      }
    }),
  )
  return describeOnNodes(read.flat())
}
