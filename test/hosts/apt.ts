/** This machine's own package sources and apt settings for another Debian release: only the suite is replaced. */

import { execa } from 'execa'

export type Suite = 'bookworm' | 'trixie'

/** Lines for sources.list, read from apt itself. Throws if this machine has no Debian sources. */
export async function readSources(suite: Suite): Promise<string[]> {
  const own = (await execa('sh', ['-c', '. /etc/os-release; echo "$VERSION_CODENAME"'])).stdout
  const { stdout } = await execa('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Created-By: Packages',
  ])
  const lines = stdout.split('\n').flatMap((line) => {
    const [uri, release = '', component] = line.split(' ')
    // Other vendors' sources have names that begin differently, or their own component.
    if (!new RegExp(`^${own}(-updates|-security)?$`).test(release) || component !== 'main') return []
    return [`deb ${uri} ${release.replace(own, suite)} ${component}`]
  })
  if (lines.length === 0) throw new Error(`apt-get indextargets names no source of Debian ${own}`)
  return [...new Set(lines)]
}

/** Settings for how the archive is reached: proxies, certificates, clocks. */
export async function readAptSettings(): Promise<string> {
  const { stdout } = await execa('apt-config', ['dump'])
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(http|https|Check-|Retries)\S* "[^"]/.test(line))
    .join('\n')
}

const installed = async (name: string) => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
  const { stdout } = await execa('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { reject: false })
  return stdout === 'installed'
}

/** What this machine needs to create other machines; installs what is missing. */
export async function ensureTools(names: readonly string[]): Promise<void> {
  const missing: string[] = []
  for (const name of names) if (!(await installed(name))) missing.push(name)
  if (missing.length === 0) return
  console.error(`hosts: apt-get install ${missing.join(' ')}`)
  const options = { stdio: ['ignore', 'inherit', 'inherit'] as const, env: { DEBIAN_FRONTEND: 'noninteractive' } }
  await execa('apt-get', ['update', '-q'], options)
  await execa('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], options)
}
