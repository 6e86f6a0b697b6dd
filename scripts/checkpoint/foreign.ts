/**
 * What a stranger's file says of a checkout, judged: only what is known is taken over, as content, never as a file.
 * Programs, Terraform's configuration and paths are those of this machine.
 */

import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { LabError } from '../declaration/errors.ts'
import { createFile } from '../declaration/files.ts'
import { filesOf } from '../declaration/files-of-declaration.ts'
import { checkIdentity, type Identity, readIdentity, writeIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { composeLab, loadDeclaration } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { uuidPattern } from '../libvirt/xml.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { refuseImport as refuse } from '../nodes/refuse-import.ts'
import { providerAddress } from '../terraform/cache.ts'
import { stackNames } from '../terraform/state.ts'

const object = z.record(z.string(), z.unknown())

/** Of Terraform's format 4, what the lab's own stacks have; `machines`: the types of what its nodes are made of. */
const stateSchema = (machines: readonly string[]) =>
  z.strictObject({
    version: z.literal(4),
    terraform_version: z.string().regex(/^\d+\.\d+\.\d+$/),
    serial: z.int().min(0),
    lineage: z.string().regex(new RegExp(`^${uuidPattern}$`)),
    outputs: object,
    resources: z.array(
      z.strictObject({
        mode: z.literal('managed'),
        type: z
          .string()
          .regex(/^(terraform_data|libvirt_network|openstack_[a-z0-9_]+)$/)
          .or(z.enum(machines)),
        name: z.string().regex(/^[A-Za-z][\w-]*$/),
        provider: z.string(),
        instances: z.array(object),
      }),
    ),
    check_results: z.null().optional(),
  })

const largest = 20_000_000

/** The content of a regular file below `folder`; nothing else is followed or read. */
function readPlain(folder: string, path: string): string | undefined {
  const stat = lstatSync(join(folder, path), { throwIfNoEntry: false })
  if (!stat) return undefined
  if (stat.isFile() && stat.size <= largest && (stat.mode & 0o7000) === 0)
    return readFileSync(join(folder, path), 'utf8')
  throw refuse(`${path} is not an ordinary file`, 'ordinary files of up to 20 MB, without set-uid')
}

/** Refused before anything is read: links, devices, set-uid files anywhere in what was unpacked. */
function expectPlain(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isDirectory()) readPlain(dirname(path), entry.name)
  }
}

export interface Foreign {
  identity: Identity
  lab: Lab
}

/** What this machine decides for the lab. */
export type Here = Pick<Identity, 'terraform' | 'capabilities' | 'timeScale'>

/**
 * Reads the checkout that was unpacked in `from` and writes what is taken over to `to`. Throws LabError with what is
 * wrong in it.
 */
export function takeOver(from: string, to: string, here: Here): Foreign {
  expectPlain(from)
  const identity = readIdentity(from)
  if (!identity) throw refuse('no identity of a lab in it', 'a file that ./lab export made')
  for (const file of [...filesOf(from), 'ansible-vars/secrets.yml']) copyText(from, to, file)
  const declaration = loadDeclaration(to)
  const differs = checkIdentity(declaration, identity)
  if (differs.length > 0) throw new LabError(differs)
  // Parses it, and refuses what is no secret.
  loadSecrets(to)
  const local: Identity = { ...identity, ...here }
  writeIdentity(to, local)
  const lab = composeLab(to, declaration, local)
  copyKey(from, to, 'id_ed25519', 'pair')
  const { hostKeys } = kindOf(local).checkpoint.carriage
  for (const { name } of lab.nodes) copyKey(from, to, `${name}_host_ed25519`, hostKeys)
  for (const stack of stackNames) copyState(from, to, stack, local)
  return { identity: local, lab }
}

function write(to: string, path: string, content: string): void {
  mkdirSync(dirname(join(to, path)), { recursive: true, mode: 0o700 })
  createFile(join(to, path), content)
}

function copyText(from: string, to: string, path: string): void {
  const content = readPlain(from, path)
  if (content !== undefined) write(to, path, content)
}

/** A public half becomes a line of known_hosts and of authorized_keys. */
function copyKey(from: string, to: string, name: string, kept: 'pair' | 'public'): void {
  const [path, half] = [`.lab/ssh/${name}`, `.lab/ssh/${name}.pub`]
  const [secret, open] = [readPlain(from, path), readPlain(from, half)]
  // As in a lab that was imported as a new one and has not been restored: they are made at its start.
  if (secret === undefined && open === undefined) return
  const isKey = /^-----BEGIN OPENSSH PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END OPENSSH PRIVATE KEY-----\n$/
  const [, key] = /^(ssh-ed25519 [A-Za-z0-9+/]{68})( [\w-]+)?\n?$/.exec(open ?? '') ?? []
  const isWhole = kept === 'public' ? secret === undefined : secret !== undefined && isKey.test(secret)
  const what = kept === 'public' ? 'the public half of a key, without a secret one' : 'a key pair'
  if (!isWhole || !key) throw refuse(`${path} is not ${what}`, 'an ed25519 key as ssh-keygen makes it')
  if (secret !== undefined) write(to, path, secret)
  write(to, half, `${key} ${name}\n`)
}

/** Terraform runs what a state names as a provider: these are named anew. */
function copyState(from: string, to: string, stack: string, { terraform, hypervisor }: Identity): void {
  const path = `.lab/terraform/${stack}.tfstate`
  const text = readPlain(from, path)
  if (text === undefined) throw refuse(`no ${path}`, 'the states of all three stacks')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw refuse(`${path} is not JSON`, 'a state of Terraform')
  }
  const { data: state, error } = stateSchema(kindOf({ hypervisor }).checkpoint.carriage.resources).safeParse(parsed)
  if (!state) {
    const places = error.issues.map((issue) => issue.path.join('.')).slice(0, 5)
    throw refuse(`${path}: impossible values: ${places.join(', ')}`, "a state as this lab's stacks have it")
  }
  const resources = state.resources.map((resource) => ({
    ...resource,
    provider: providerOf(resource.type, resource.provider, terraform),
    instances: resource.instances.map(withOwnPaths),
  }))
  write(to, path, JSON.stringify({ ...state, resources }))
}

function providerOf(type: string, given: string, { name }: Identity['terraform']): string {
  const alias = /\]\.demo$/.test(given) ? '.demo' : ''
  const address = type === 'terraform_data' ? 'terraform.io/builtin/terraform' : providerAddress(name, type)
  return `provider["${address}"]${alias}`
}

/** The OpenStack provider writes down a folder in the user's home, and would replace an image for another one. */
function withOwnPaths(instance: Record<string, unknown>): Record<string, unknown> {
  const attributes = instance['attributes'] as Record<string, unknown> | undefined
  if (attributes?.['image_cache_path'] === undefined) return instance
  return { ...instance, attributes: { ...attributes, image_cache_path: join(homedir(), '.terraform/image_cache') } }
}
