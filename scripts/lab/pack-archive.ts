/** Writes an archive for other people, under a name with the lab and the time unless another one is given. */

import { resolve } from 'node:path'
import type { Lab } from '../declaration/lab.ts'
import { openOutput } from '../run/output-file.ts'
import { terminalProgress } from '../run/progress.ts'
import { print } from '../terminal/print.ts'

/** Of `./lab KIND export`. `pack` gets what writes the archive, whole or not at all. */
export async function packArchive(
  lab: Lab,
  kind: 'logs' | 'repro',
  output: string | undefined,
  pack: (write: (archive: Uint8Array) => void) => Promise<void>,
): Promise<void> {
  const stamp = new Date().toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-')
  const file = resolve(output ?? `duostack-${kind}-${lab.id}-${stamp}.tar.gz`)
  const write = openOutput(`./lab ${kind} export`, file)
  await terminalProgress().step(`collect, mask and pack: ${file}`, () => pack(write))
  print(file)
}
