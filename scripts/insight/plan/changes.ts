/** What the next `up` would change on a running lab, and why: by service and key, and by Terraform's own plan. */

import type { Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import type { ServiceName } from '../../declaration/service-profiles.ts'
import { type Change, heredoc } from '../../engine/operation.ts'
import { nodesOf } from '../../engine/operations.ts'
import { type ConfigFile, filesOn, type Service } from '../../engine/service.ts'
import { readNodeChanges } from '../../nodes/change/node-plan.ts'
import { disconnect, sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { readDrift } from '../../services/drift.ts'
import { serviceOf } from '../../services/index.ts'
import type { ResourceChange } from '../../terraform/plan.ts'
import { planStack, synthesize } from '../../terraform/run.ts'
import { stackNames } from '../../terraform/state.ts'
import { readOnNodes } from '../../workbench/on-nodes.ts'
import { differingKeys, type KeyDifference } from './key-differences.ts'

export interface ServiceChange {
  name: string
  /** `declaration`: the declaration has changed since the last up. `nodes`: the nodes were changed outside the lab. */
  because: ('declaration' | 'nodes')[]
  details: (Change & { keys: KeyDifference[] })[]
}

export interface Changes {
  /** What happens to nodes, one line each: `compute2: is removed: it is no longer declared`. */
  nodes: string[]
  services: ServiceChange[]
  /** Resources of the other stacks. */
  resources: ResourceChange[]
  /** Stacks for which no plan could be made, with the reason, such as a Keystone that does not answer. */
  unread: { stack: string; reason: string }[]
  /** Debug logging and patches, in words: kept as they are. Absent: none. */
  onPurpose?: string[]
}

export async function readChanges(lab: Lab, note: (detail: string) => void): Promise<Changes> {
  try {
    note('comparing the nodes')
    const [drift, nodes, onPurpose] = await Promise.all([
      readDrift(lab),
      readNodeChanges(lab),
      readOnNodes(lab),
      synthesize(lab),
    ])
    note('asking Terraform')
    const plans = await Promise.all(stackNames.map((stack) => planStack(lab, stack)))
    const resources = plans.flatMap((plan) => plan.changes)
    const replaced = resources.filter(({ stack }) => stack === 'services').map(({ name }) => name)
    const names = [...new Set([...drift].filter(([, changes]) => changes.length > 0).map(([name]) => name as string))]
    const services = await Promise.all(
      [...new Set([...names, ...replaced])].map(async (name) => ({
        name,
        because: [
          ...(replaced.includes(name) ? (['declaration'] as const) : []),
          ...(names.includes(name) && !replaced.includes(name) ? (['nodes'] as const) : []),
        ],
        details: await explain(lab, name as ServiceName, drift.get(name as ServiceName) ?? []),
      })),
    )
    const unread = plans.flatMap(({ stack, failure }) => (failure ? [{ stack, reason: failure }] : []))
    const others = resources.filter(({ stack }) => stack !== 'services')
    return { nodes, services, resources: others, unread, ...(onPurpose.length ? { onPurpose } : {}) }
  } finally {
    await disconnect()
  }
}

/** For a file, the keys that differ: the file is read from the node once more. */
async function explain(lab: Lab, name: ServiceName, changes: readonly Change[]): Promise<ServiceChange['details']> {
  const secrets = loadSecrets(lab.root)
  const service = serviceOf(lab, secrets, name)
  return Promise.all(
    changes.map(async (change) => {
      const file = wantedFile(lab, service, change)
      if (!file) return { ...change, keys: [] }
      const now = await readFile(lab, change.node, file.path)
      return { ...change, keys: now === undefined ? [] : differingKeys(now, file.content, Object.values(secrets)) }
    }),
  )
}

/** What that node should have: parts of one service may write the same path on different nodes. */
export function wantedFile(lab: Lab, { parts }: Service, { kind, node, path }: Change): ConfigFile | undefined {
  if (kind !== 'file') return undefined
  const here = parts.filter((part) => nodesOf(part, lab).some(({ name }) => name === node))
  return here.flatMap((part) => filesOn(part, node)).find((file) => file.path === path)
}

/** Empty if there is none; undefined if its place is taken by something else. */
async function readFile(lab: Lab, nodeName: string, path: string): Promise<string | undefined> {
  const node = lab.nodes.find(({ name }) => name === nodeName)
  if (!node) return undefined
  try {
    const script = `read -r path ${heredoc(path)}
if [[ -f $path && ! -L $path ]]; then echo "file $(base64 -w0 -- "$path")"
elif [[ ! -e $path && ! -L $path ]]; then echo 'file '; fi`
    const text = await sshHost(lab, node).run(script, {
      step: `read ${path}`,
      timeoutSeconds: scaled(lab, timeouts.nodes.answer),
    })
    const [, encoded] = /^file (.*)$/m.exec(text) ?? []
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
  } catch {
    // The file or the node has gone since: the drift already says so.
    return undefined
  }
}
