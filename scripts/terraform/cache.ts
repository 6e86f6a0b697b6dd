/** What is kept of Terraform between labs, in the user's cache: OpenTofu, and a mirror of the providers. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TerraformProgram } from '../declaration/identity.ts'

export const openTofuVersion = '1.10.6'

/** The committed Go modules: the providers', and OpenTofu's below it. */
export const providersModule = fileURLToPath(new URL('../../terraform-providers', import.meta.url))
export const openTofuModule = join(providersModule, 'opentofu')

/** `~/.cache/duostack`, as in `lab.paths.cache`. */
export function cacheFolder(): string {
  return join(homedir(), '.cache/duostack')
}

export const cachedOpenTofu = () => join(cacheFolder(), 'opentofu', openTofuVersion, 'tofu')

const registryHosts: Record<TerraformProgram['name'], string> = {
  terraform: 'registry.terraform.io',
  tofu: 'registry.opentofu.org',
}

/** The two providers, as the stacks require them. */
export const providers = [
  { source: 'dmacvicar/libvirt', version: '0.8.3', binary: 'terraform-provider-libvirt' },
  { source: 'terraform-provider-openstack/openstack', version: '3.4.0', binary: 'terraform-provider-openstack' },
] as const
type Provider = (typeof providers)[number]

/** How this program calls the provider of a type of resource: `registry.terraform.io/dmacvicar/libvirt`. */
export function providerAddress(name: TerraformProgram['name'], type: string): string {
  const { source } = providers.find(({ binary }) => type.startsWith(`${binary.split('-').at(-1)}_`))!
  return `${registryHosts[name]}/${source}`
}

/** Keyed by what it is built from, so that other versions get their own mirror. */
export function mirrorFolder(): string {
  const digest = createHash('sha256')
  for (const name of ['go.mod', 'go.sum']) digest.update(readFileSync(join(providersModule, name)))
  return join(cacheFolder(), 'providers', digest.digest('hex').slice(0, 16))
}

/** Where Terraform looks for one provider's program in a mirror folder. */
export function mirrorPath(
  name: TerraformProgram['name'],
  { source, version, binary }: Provider,
  folder = mirrorFolder(),
): string {
  return join(folder, registryHosts[name], source, version, 'linux_amd64', `${binary}_v${version}`)
}

/** The registry's own zip file, as `terraform providers mirror` lays it down; Terraform takes one for the other. */
function packedPath(name: TerraformProgram['name'], { source, version, binary }: Provider, folder: string): string {
  return join(folder, registryHosts[name], source, `${binary}_${version}_linux_amd64.zip`)
}

/** The mirror holds both providers for this program. */
export function hasMirror(name: TerraformProgram['name'], folder = mirrorFolder()): boolean {
  return providers.every((provider) =>
    [mirrorPath, packedPath].some((path) => existsSync(path(name, provider, folder))),
  )
}
