/** Checks traces of a real lab against the logs on its nodes; shares no code with the search that it checks. */

import type { Copy } from '../harness/copy.ts'
import { readDocument } from '../harness/documents.ts'

interface Evidence {
  node: string
  file: string
  line: number
  text: string
}

export interface ShownTrace {
  server: { name: string; status: string }
  steps: {
    textStep: string | null
    atMs: number
    kind: string
    rpc?: string
    evidence: Evidence
    more?: Evidence[]
  }[]
  notSeen: { textStep: string; reason: string }[]
  lost: number
  stop?: { after: string | null; because: string }
}

/** The thirty-two steps of the text. */
export const stepIds = Object.entries({ nova: 13, network: 13, image: 3, volume: 3 }).flatMap(([flow, count]) =>
  Array.from({ length: count }, (_, index) => `${flow}-${index + 1}`),
)

/** The result of `./lab trace … --json`, and its exit code. */
export async function trace(
  copy: Copy,
  ...args: string[]
): Promise<{ exitCode: number | undefined; trace: ShownTrace }> {
  const { document, exitCode } = await readDocument<ShownTrace>(copy, 'trace', ...args)
  return { exitCode, trace: document }
}

/** The command that prints exactly this line, on the node itself. */
function lineCommand({ file, line, text }: Evidence): string {
  if (!file.startsWith('journal:')) return `sed -n ${line}p ${file}`
  const since = Math.floor(Number(/^\d+/.exec(text)?.[0] ?? 0))
  // The last word of haproxy's name is the id of its router.
  const tags = file === 'journal:haproxy' ? [/ (haproxy-[\w-]+)\[/.exec(text)?.[1]] : ['dnsmasq', 'dnsmasq-dhcp']
  return `journalctl ${tags.map((tag) => `-t ${tag}`).join(' ')} --since=@${since} --until=@${since + 1} -o short-unix -q --no-pager`
}

/** Evidence that is not on its node at the place that the trace names. One connection per node. */
export async function missingEvidence(copy: Copy, { steps }: ShownTrace): Promise<string[]> {
  const all = steps.flatMap(({ evidence, more = [] }) => [evidence, ...more])
  const missing: string[] = []
  for (const node of new Set(all.map((one) => one.node))) {
    const own = all.filter((one) => one.node === node)
    const script = own.map((one, index) => `echo "@@ ${index}"; ${lineCommand(one)}`).join('\n')
    const { stdout } = await copy.run('./lab', 'ssh', node, script)
    const found = String(stdout)
      .split(/^@@ \d+\n/m)
      .slice(1)
    for (const [index, one] of own.entries()) {
      if (!found[index]?.includes(one.text.trim()))
        missing.push(`${node}:${one.file}:${one.line}: ${one.text.slice(0, 120)}`)
    }
  }
  return missing
}

/** What a recorder would leave on a node if nobody stopped it: its unit, its program. */
export async function recorderLeftovers(copy: Copy, nodes: readonly string[]): Promise<string> {
  const look =
    'systemctl list-units --all --no-legend "duostack-trace-*" "duostack-drill-*"; ls -d /run/duostack/trace-* 2>/dev/null || true'
  const outputs = await Promise.all(nodes.map((node) => copy.run('./lab', 'ssh', node, look)))
  return outputs.map(({ stdout }) => String(stdout).trim()).join('')
}
