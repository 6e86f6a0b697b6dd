/** The node image's packages in this machine's cache, from which packages that a node has lost are installed again. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import type { PackageFiles } from '../engine/offer.ts'
import { readPackageStatus } from './closed-tree.ts'

/** Downloaded packages stay here for the next build. */
export const packageCache = '/var/cache/duostack/apt'

interface ImagePackage {
  name: string
  /** As apt names it in its cache. */
  file: string
  /** Every package that its dependencies name, alternatives too. */
  needs: string[]
  provides: string[]
}

/** `status`: dpkg's list of what is installed in the image. */
export function readImagePackages(status: string): ImagePackage[] {
  return status.split(/\n\n+/).flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? ''
    const names = (...fields: string[]) =>
      [
        ...fields
          .map(field)
          .join(',')
          .matchAll(/(?:^|[,|])\s*([^\s,|:(]+)/g),
      ].map(([, name]) => name!)
    const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')]
    if (!name) return []
    const file = `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`
    return [{ name, file, needs: names('Pre-Depends', 'Depends'), provides: names('Provides') }]
  })
}

/** The `wanted` packages and, of what those need, what is not `installed` either. */
export function findLacking(
  wanted: readonly string[],
  installed: ReadonlySet<string>,
  image: readonly ImagePackage[],
): ImagePackage[] {
  const lacking = image.filter(({ name }) => !installed.has(name))
  const found = new Set<ImagePackage>()
  const add = (name: string): void => {
    for (const one of lacking) {
      if (found.has(one) || !(one.name === name || one.provides.includes(name))) continue
      found.add(one)
      one.needs.forEach(add)
    }
  }
  wanted.forEach(add)
  return [...found]
}

/** Gives the paths of the files; throws LabError if this machine does not have them (any more). */
export function cachedPackages({ paths }: { paths: Pick<Lab['paths'], 'image'> }, cache = packageCache): PackageFiles {
  return (node, wanted, installed) => {
    const image = readImagePackages(readPackageStatus(paths.image) ?? '')
    const found = findLacking(wanted, installed, image)
    const unknown = wanted.filter((name) => !installed.has(name) && !found.some((one) => one.name === name))
    const gone = found.map(({ file }) => file).filter((file) => !existsSync(join(cache, file)))
    if (unknown.length + gone.length > 0) throw new LabError([notHere(node, [...unknown, ...gone], cache)])
    return found.map(({ file }) => join(cache, file))
  }
}

function notHere(node: string, names: readonly string[], cache: string) {
  return {
    where: `packages of ${node}`,
    given: `missing on the node, and not in ${cache}: ${names.join(', ')}`,
    allowed: 'the packages from which the node image was built',
    remedy: './lab up --rebuild, which recreates the nodes from the image; everything in the cloud is lost',
  }
}
