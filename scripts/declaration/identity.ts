/** The lab's identity, .lab/lab.json: what is fixed at the first `up` and stays the same until the lab is removed. */

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Declaration } from './declaration.ts'
import { type Finding, LabError } from './errors.ts'
import { replaceFile } from './files.ts'
import { hypervisors, isolations } from './lab.ts'

const network = z.strictObject({ cidr: z.string(), hostAddress: z.string() })

const identitySchema = z.strictObject({
  /** Eight lower-case hex digits, random; `00000000` is the preview's and never written. */
  id: z.string().regex(/^(?!0{8})[0-9a-f]{8}$/),
  name: z.string(),
  hypervisor: z.enum(hypervisors),
  isolation: z.enum(isolations),
  imageDigest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Checksum of the nodes' stock image; absent if they use our own image. */
  stockImage: z.string().optional(),
  /** The program that created the states, and its path. */
  terraform: z.strictObject({ name: z.enum(['terraform', 'tofu']), path: z.string() }),
  networks: z.strictObject({ management: network, provider: network }),
  /** Absent in a lab that an older Duostack built. */
  region: z.string().optional(),
  /** What the probes found for container nodes; VMs have all of it. */
  capabilities: z.strictObject({ vlan: z.boolean(), lvm: z.boolean() }),
  /** The factor by which timeouts are multiplied, measured at the first `up`. Absent in a lab that an older Duostack built. */
  timeScale: z.number().min(1).optional(),
  /** ISO 8601. */
  created: z.string(),
})
export type Identity = z.output<typeof identitySchema>

export type TerraformProgram = Identity['terraform']

const identityFile = '.lab/lab.json'
const previewId = '00000000'

/** What the host decides for a new lab; the rest comes from the declaration. */
export type Resolved = Pick<
  Identity,
  'hypervisor' | 'isolation' | 'imageDigest' | 'terraform' | 'capabilities' | 'timeScale'
>

/** A new lab's identity, with a random id. Not yet written. */
export function newIdentity(declaration: Declaration, resolved: Resolved): Identity {
  const { name, networks, region, stockImage } = declaration
  return {
    id: newLabId(),
    name,
    ...resolved,
    ...(stockImage ? { stockImage: stockImage.checksum } : {}),
    region,
    networks: { management: networks.management, provider: networks.provider },
    created: new Date().toISOString(),
  }
}

/** Random. */
export function newLabId(): string {
  const id = randomBytes(4).toString('hex')
  return id === previewId ? newLabId() : id
}

/** Used while there is no lab: `auto` becomes kvm and none, and the id is 00000000. Never written. */
export function previewIdentity(declaration: Declaration, given: Partial<Identity> = {}): Identity {
  const { hypervisor, isolation } = declaration
  const resolved: Resolved = {
    hypervisor: hypervisor === 'auto' ? 'kvm' : hypervisor,
    isolation: isolation === 'auto' ? 'none' : isolation,
    imageDigest: '0'.repeat(64),
    terraform: { name: 'terraform', path: 'terraform' },
    capabilities: { vlan: false, lvm: false },
  }
  return { ...newIdentity(declaration, resolved), id: previewId, created: '', ...given }
}

/** Undefined if there is no lab yet. Throws LabError if the file exists but is not a valid identity. */
export function readIdentity(root: string): Identity | undefined {
  let text: string
  try {
    text = readFileSync(join(root, identityFile), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw refuse(`cannot be read (${code})`, `sudo chown -R "$(id -un)" .lab`)
  }
  const parsed = identitySchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const wrong = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].filter(Boolean).join(', ')
  throw refuse(wrong ? `an impossible value: ${wrong}` : 'not a JSON object (truncated or edited)', restore(text))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The lab's objects are found by the id, so it is shown if it is still readable. */
function restore(text: string): string {
  const id = /"id":\s*"([0-9a-f]{8})"/.exec(text)?.[1]
  const known = id ? `the lab id in it is ${id}` : 'list the lab ids on this machine: ls /var/lib/duostack'
  const removal = `rm ${identityFile} && ./lab down --id ${id ?? 'ID'}`
  return `restore the file from a copy (${known}); or remove the lab without it: ${removal}`
}

function refuse(given: string, remedy: string): LabError {
  return new LabError([{ where: identityFile, given, allowed: 'the identity that the first ./lab up wrote', remedy }])
}

/** Written completely or not at all, mode 0600. */
export function writeIdentity(root: string, identity: Identity): void {
  const path = join(root, identityFile)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  replaceFile(path, `${JSON.stringify(identitySchema.parse(identity), undefined, 2)}\n`)
}

/**
 * What differs from the running lab and cannot change on it. `imageDigest`: the current recipe's, if it is to be
 * compared. A declared `auto` matches whatever it was resolved to.
 */
export function checkIdentity(declaration: Declaration, identity: Identity, imageDigest?: string): Finding[] {
  const { places, networks } = declaration
  const remedy = './lab up --rebuild (replaces the lab by a new one), or ./lab down first'
  const findings: Finding[] = []
  const compare = (where: string, what: string, given: string, fixed: string) => {
    if (given !== fixed)
      findings.push({ where, given: `${what}: ${given}`, allowed: `${fixed}, as the lab was built`, remedy })
  }
  compare(places.name, 'lab_name', declaration.name, identity.name)
  compare(places.region, 'lab_region', declaration.region, identity.region ?? declaration.region)
  if (declaration.hypervisor !== 'auto') {
    compare(places.hypervisor, 'lab_hypervisor', declaration.hypervisor, identity.hypervisor)
  }
  if (declaration.isolation !== 'auto') {
    compare(places.isolation, 'lab_isolation', declaration.isolation, identity.isolation)
  }
  const own = "none: the lab's own image"
  const [image, built] = [declaration.stockImage?.checksum ?? own, identity.stockImage ?? own]
  compare(places.nodeImage, 'lab_node_image.checksum', image, built)
  for (const name of ['management', 'provider'] as const) {
    const [given, fixed] = [networks[name], identity.networks[name]]
    compare(places[name], `lab_${name}_network.cidr`, given.cidr, fixed.cidr)
    compare(places[name], `lab_${name}_network.host_address`, given.hostAddress, fixed.hostAddress)
  }
  if (imageDigest) compare('node image', 'digest of its recipe', imageDigest, identity.imageDigest)
  return findings
}
