/** Packages for a node without a package source: sent to it as files, and removed when they are installed. */

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { CommandError } from '../declaration/errors.ts'
import type { Host } from '../run/host.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { heredoc } from './operation.ts'
import { nowhereToGet } from './packages.ts'

/** The files, on this machine, of the packages missing on a node, including missing dependencies. */
export type PackageFiles = (node: string, wanted: readonly string[], installed: ReadonlySet<string>) => string[]

/** The operation `ensurePackages` failed only for lack of a package source. */
export const lacksSource = (error: unknown): boolean =>
  error instanceof CommandError && error.failure.exitCode === nowhereToGet

interface Offer {
  host: Host
  wanted: readonly string[]
  packageFiles: PackageFiles
  /** A folder on the node that a reboot empties. */
  place: string
}

/** Calls `install` with a folder on the node that holds the files while it runs. */
export async function offerPackages<T>(
  { host, wanted, packageFiles, place }: Offer,
  install: (folder: string) => Promise<T>,
): Promise<T> {
  const run = (script: string) => host.run(script, { step: `packages ${wanted.join(' ')}: sent to the node` })
  const listed = await run(`dpkg-query -W -f '\${Package} \${db:Status-Status}\\n'`)
  const installed = [...listed.matchAll(/^(\S+) installed$/gm)].map(([, name]) => name!)
  const files = packageFiles(host.name, wanted, new Set(installed))
  const folder = (await run(`mktemp -d -p ${shellQuote(place)} packages.XXXXXX`)).trim()
  try {
    // apt reads the files as its own user.
    await run(`chmod 0755 ${folder}`)
    for (const file of files) {
      const content = (await readFile(file)).toString('base64').replaceAll(/.{76}/g, '$&\n')
      await run(`base64 -d >${folder}/${shellQuote(basename(file))} ${heredoc(content)}`)
    }
    return await install(folder)
  } finally {
    await run(`rm -rf -- ${folder}`)
  }
}
