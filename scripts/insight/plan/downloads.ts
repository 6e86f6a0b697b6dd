/** What an `up` would download or build before it starts: packages, programs, images. Pure. */

import type { HostFacts } from '../../host/facts.ts'
import type { ImageState } from '../../host/image-state.ts'
import type { HostPackage } from '../../host/packages.ts'
import { nodePackages } from '../../image/recipe.ts'

export interface Download {
  what: string
  /** How much, and from where, as far as measured. */
  detail: string
  /** On 2 cores and a near mirror. */
  seconds: number
}

export interface Missing {
  packages: readonly HostPackage[]
  terraform: HostFacts['terraform']
  image: ImageState
  /** The lab's namespace cannot reach a registry, so the providers must be in the cache. */
  isolated: boolean
}

/** In the order in which they happen. Figures: node image of 892 packages, 394 MB, built in 150 s. */
export function planDownloads({ packages, terraform, image, isolated }: Missing): Download[] {
  const { program, registry, mirror } = terraform
  const needsMirror = !mirror && (isolated || !registry)
  return [
    ...(packages.length
      ? [
          {
            what: 'host packages',
            detail: packages.map(({ name }) => name).join(' '),
            seconds: 20 + 3 * packages.length,
          },
        ]
      : []),
    ...(program
      ? []
      : [
          registry
            ? { what: 'OpenTofu', detail: '28 MB from its release page', seconds: 20 }
            : { what: 'OpenTofu', detail: 'built from source with Go', seconds: 180 },
        ]),
    ...(needsMirror
      ? [
          registry
            ? { what: 'Terraform providers', detail: '47 MB from the registry', seconds: 20 }
            : { what: 'Terraform providers', detail: 'built from source with Go', seconds: 64 },
        ]
      : []),
    ...(image.stock ? [{ what: 'stock image', detail: image.stock, seconds: 60 }] : []),
    ...(image.tree
      ? []
      : [
          {
            what: 'node image',
            detail: `${nodePackages.length} Debian packages and what they need: 394 MB from the mirror, 2.1 GB on disk`,
            seconds: 150,
          },
        ]),
    ...(image.disk ? [] : [{ what: 'disk of the node image', detail: '2 GB, built from the node image', seconds: 60 }]),
    ...(image.test
      ? []
      : [{ what: 'image of the test instance', detail: '25 MB, built from the node image', seconds: 10 }]),
  ]
}
