/** `./lab patch`: patches of a service's installed Python, applied on all its nodes or on none. */

import { readFileSync } from 'node:fs'
import { LabError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { profileOf, type ServiceName } from '../declaration/service-profiles.ts'
import { heredoc } from '../engine/operation.ts'
import type { Progress } from '../run/progress.ts'
import { sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { type ParsedPatch, PatchFault, parsePatch } from './patch-file.ts'
import { pythonUnits, waitForService } from './units.ts'

const program = readFileSync(new URL('patch.py', import.meta.url), 'utf8')

type Action = 'check' | 'apply' | 'check-revert' | 'revert' | 'list'

export interface Request {
  action: Action
  service?: ServiceName
  name?: string
  patch?: string
  files?: readonly string[]
}

/** In base64: whatever the patch has in it, it is data. */
export const patchProgram = (request: object): string => `import base64, json
request = json.loads(base64.b64decode('${Buffer.from(JSON.stringify(request)).toString('base64')}'))
${program}`

async function ask<Answer>(lab: Lab, node: LabNode, request: Request): Promise<Answer & { refused?: string }> {
  const text = await sshHost(lab, node).run(`python3 - ${heredoc(patchProgram(request))}`, {
    step: request.name ? `${request.action} ${request.name}` : 'look for patches',
    timeoutSeconds: scaled(lab, timeouts.nodes.work),
  })
  return JSON.parse(text.trim().split('\n').at(-1)!)
}

/** Of all these nodes; throws LabError with everything that one of them refuses. */
async function askAll<Answer>(lab: Lab, nodes: readonly LabNode[], request: Request) {
  const answers = await Promise.all(nodes.map((node) => ask<Answer>(lab, node, request)))
  const refused = answers.flatMap(({ refused: why }, index) =>
    why ? [`${nodes[index]!.name}: ${why.replaceAll('\n', '; ')}`] : [],
  )
  if (refused.length > 0) {
    const findings = refused.map((given) => ({ where: request.name!, given, allowed: '' }))
    throw new LabError([...findings.slice(0, -1), { ...findings.at(-1)!, remedy: 'nothing was changed' }])
  }
  return answers.map((answer, index) => ({ node: nodes[index]!, ...answer }))
}

/** Throws LabError for a file that is not a patch of this service. `where`: how the user named it. */
export function readPatch(service: ServiceName, where: string, text: string): ParsedPatch {
  try {
    return parsePatch(text, profileOf(service).python!)
  } catch (error) {
    if (!(error instanceof PatchFault)) throw error
    const allowed = `a unified diff, as git diff writes it, of ${profileOf(service).python!.join(' or ')}`
    throw new LabError([{ where, given: error.message, allowed }])
  }
}

const nodesOf = (lab: Lab, service: ServiceName) => pythonUnits(lab, service).map(({ node }) => node)

async function restart(lab: Lab, service: ServiceName, nodes: readonly LabNode[], progress: Progress): Promise<void> {
  const wanted = pythonUnits(lab, service).filter(({ node }) => nodes.includes(node))
  await progress.step(`restart ${service} on ${wanted.map(({ node }) => node.name).join(', ')}`, async () => {
    await Promise.all(
      wanted.map(({ node, units }) =>
        sshHost(lab, node).run(`systemctl restart -- ${units.map(shellQuote).join(' ')}`, {
          step: `restart ${service}`,
          timeoutSeconds: scaled(lab, timeouts.services.restart),
        }),
      ),
    )
    await waitForService(lab, service)
  })
}

export interface NamedPatch extends ParsedPatch {
  name: string
}

/** Everywhere or nowhere: each node tries it on copies first. Where it is in place already, only the service restarts. */
export async function applyPatch(lab: Lab, service: ServiceName, patch: NamedPatch, progress: Progress): Promise<void> {
  const { name, text, files } = patch
  const nodes = nodesOf(lab, service)
  const about = { service, name, patch: text, files }
  await progress.step(`try ${name} on copies`, () => askAll(lab, nodes, { action: 'check', ...about }))
  await progress.step(`apply ${name}`, () => askAll(lab, nodes, { action: 'apply', ...about }))
  await restart(lab, service, nodes, progress)
}

/** Files that somebody else has changed since stay as they are, and are given: `controller: nova/rpc.py`. */
export async function revertPatch(lab: Lab, service: ServiceName, name: string, progress: Progress): Promise<string[]> {
  const nodes = nodesOf(lab, service)
  const known = await askAll<{ there: boolean }>(lab, nodes, { action: 'check-revert', service, name })
  const there = known.filter((one) => one.there).map(({ node }) => node)
  if (there.length === 0) {
    const remedy = './lab patch --list'
    throw new LabError([
      { where: './lab patch --revert', given: `no patch ${name} of ${service}`, allowed: '', remedy },
    ])
  }
  const answers = await progress.step(`revert ${name}`, () =>
    askAll<{ left: string[] }>(lab, there, { action: 'revert', service, name }),
  )
  await restart(lab, service, there, progress)
  return answers.flatMap(({ node, left }) => left.map((file) => `${node.name}: ${file}`))
}

export interface AppliedPatch {
  service: ServiceName
  name: string
  files: string[]
  /** The diff. */
  patch: string
  nodes: string[]
}

/** In the order in which they were applied. */
export async function listPatches(lab: Lab): Promise<AppliedPatch[]> {
  type Answer = { patches: Omit<AppliedPatch, 'nodes'>[] }
  const found = new Map<string, AppliedPatch>()
  for (const { node, patches } of await askAll<Answer>(lab, lab.nodes, { action: 'list' }))
    for (const one of patches) {
      const key = `${one.service}/${one.name}`
      const known = found.get(key) ?? { ...one, nodes: [] }
      known.nodes.push(node.name)
      found.set(key, known)
    }
  return [...found.values()]
}
