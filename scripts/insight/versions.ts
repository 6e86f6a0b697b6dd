/** The versions of everything in use in a checkout; contacts nothing. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { readIdentity } from '../declaration/identity.ts'
import { imageOf } from '../declaration/load.ts'
import { profileOf, serviceNames } from '../declaration/service-profiles.ts'
import { readPackageStatus } from '../image/closed-tree.ts'
import { nodeImageDigest, suite } from '../image/recipe.ts'
import { table } from '../terminal/table.ts'
import { providers } from '../terraform/cache.ts'
import { readTerraformVersion } from '../terraform/facts.ts'

/** What Debian 12 ships; the packages' exact versions come from the node image. */
const openstackRelease = 'Zed (2022.2)'

/** One package for each part that a person would ask for. */
const packages: Readonly<Record<string, string>> = Object.assign(
  {},
  ...serviceNames.map((name) => profileOf(name).versions),
)

export interface Versions {
  duostack: string
  cdktf: string
  node: string
  /** Null if neither Terraform nor OpenTofu is installed yet. */
  terraform: { name: string; version: string; path: string } | null
  providers: Record<string, string>
  openstack: { release: string; debian: string; packages: Record<string, string> | null }
}

/** From dpkg's own status file in the node image. */
export function parsePackageVersions(status: string): Record<string, string> {
  const versions = new Map(
    status.split('\n\n').flatMap((block) => {
      const name = /^Package: (\S+)$/m.exec(block)?.[1]
      const version = /^Version: (\S+)$/m.exec(block)?.[1]
      return name && version && /^Status: install ok installed$/m.test(block) ? [[name, version] as const] : []
    }),
  )
  return Object.fromEntries(
    Object.entries(packages).flatMap(([part, name]) => {
      const version = versions.get(name)
      return version ? [[part, version]] : []
    }),
  )
}

/** Null if the image is not built yet. */
function readImagePackages(digest: string): Record<string, string> | null {
  const status = readPackageStatus(imageOf(digest))
  return status === undefined ? null : parsePackageVersions(status)
}

export async function readVersions(root: string): Promise<Versions> {
  const identity = readIdentity(root)
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const cdktf = createRequire(import.meta.url)('cdktf/package.json') as { version: string }
  return {
    duostack: version,
    cdktf: cdktf.version,
    node: process.versions.node,
    terraform: (await readTerraformVersion(identity)) ?? null,
    providers: Object.fromEntries(providers.map((provider) => [provider.source, provider.version])),
    openstack: {
      release: openstackRelease,
      debian: suite,
      // Nodes of a stock image have whatever versions their package sources had.
      packages: identity?.stockImage ? null : readImagePackages(identity?.imageDigest ?? nodeImageDigest()),
    },
  }
}

export function showVersions({ duostack, cdktf, node, terraform, openstack, ...versions }: Versions): string {
  const rows: [string, string][] = [
    ['duostack', duostack],
    ['cdktf', cdktf],
    ['node', node],
    terraform
      ? [terraform.name, `${terraform.version} (${terraform.path})`]
      : ['terraform', 'none yet: ./lab up installs one'],
    ...Object.entries(versions.providers).map(([source, version]): [string, string] => [
      source.replace(/^.*\//, 'provider '),
      `${version} (${source})`,
    ]),
    ['openstack', `${openstack.release}, Debian ${openstack.debian} packages`],
    ...Object.entries(openstack.packages ?? {}).map(([part, version]): [string, string] => [`  ${part}`, version]),
    ...(openstack.packages
      ? []
      : [
          [
            '',
            'package versions are known once ./lab up has built the node image; with a stock image: ./lab ssh NODE dpkg -l',
          ] as [string, string],
        ]),
  ]
  return table(rows, { indent: '' }).join('\n')
}
