/** The package sources of the node image: this machine's own Debian mirror and proxy, so that any mirror works. */

import { runOnHost } from '../run/process.ts'
import { suite } from './recipe.ts'

/** Of `apt-get indextargets`: what it prints of each index. */
const format = '$(CREATED_BY)|$(ORIGIN)|$(COMPONENT)|$(REPO_URI)|$(RELEASE)'

/**
 * Source lines for the image from what apt-get indextargets says in `format`. A host of another Debian release has the
 * right mirror under another suite's name. Empty if the host has no Debian mirror (Ubuntu): mmdebstrap's own then.
 */
export function sourceLines(indexTargets: string): string[] {
  const lines = indexTargets.split('\n').flatMap((line) => {
    const [createdBy, origin, component, uri, release = ''] = line.split('|')
    const [, name, suffix = ''] = /^([a-z]+)(-updates|-security)?$/.exec(release) ?? []
    const fits = createdBy === 'Packages' && origin === 'Debian' && component === 'main' && name !== undefined
    return fits ? [`deb ${uri} ${suite}${suffix} main`] : []
  })
  const unique = [...new Set(lines)]
  return unique.some((line) => line.endsWith(` ${suite} main`)) ? unique : []
}

/** apt's settings that decide how a mirror is reached, as `apt-config dump` prints them. */
export function transportOptions(dump: string): string[] {
  const wanted =
    /^Acquire::(Retries|Check-Valid-Until|Check-Date|ForceIPv[46]|https?::(Proxy|Verify|Ca|Ssl|Timeout)|Proxy)/i
  return dump.split('\n').filter((line) => wanted.test(line) && !line.endsWith('"";'))
}

/** mmdebstrap's arguments for reaching the mirror; `lines` come last on its command line. Needs root rights. */
export async function readAptSources(): Promise<{ options: string[]; lines: string[] }> {
  const step = 'image: package sources'
  const read = async () =>
    sourceLines((await runOnHost('apt-get', ['indextargets', '--format', format], { step })).stdout)
  let lines = await read()
  if (lines.length === 0) {
    // Where the package lists were cleaned away, apt does not know whose its sources are.
    await runOnHost('apt-get', ['update', '-q'], { step, allow: [0, 100] })
    lines = await read()
  }
  const dump = await runOnHost('apt-config', ['dump'], { step })
  return {
    options: transportOptions(dump.stdout).map((line) => `--aptopt=${line}`),
    lines,
  }
}
