/** The declaration of a measured lab: the default one, changed only where the comparison needs it. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'

export interface Wanted {
  computes: number
  /** Undefined: the default. */
  controllerMiB?: number | undefined
  computeMiB?: number | undefined
  selfService?: boolean
}

async function edit(file: string, change: (document: ReturnType<typeof parseDocument>) => void): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'))
  change(document)
  await writeFile(file, document.toString())
}

/** Writes it into the checkout at `root`. */
export async function declareLab(
  root: string,
  { computes, controllerMiB, computeMiB, selfService }: Wanted,
): Promise<void> {
  const vars = join(root, 'ansible-vars')
  await edit(join(vars, 'hosts.yml'), (document) => {
    const nodes = Array.from({ length: computes }, (_, index) => [
      `compute${index + 1}`,
      { ansible_host: `10.0.0.${31 + index}` },
    ])
    document.setIn(['all', 'children', 'compute', 'hosts'], document.createNode(Object.fromEntries(nodes)))
  })
  if (selfService)
    await edit(join(vars, 'group_vars/all.yml'), (document) => document.set('lab_networking', 'self-service'))
  for (const [group, memory] of Object.entries({ controller: controllerMiB, compute: computeMiB })) {
    if (memory === undefined) continue
    await edit(join(vars, `group_vars/${group}.yml`), (document) => document.set('memory_mib', memory))
  }
}

/** Changes a key of Glance that nothing depends on to another value, so that each run changes it. */
export async function changeOneKey(root: string): Promise<void> {
  const path = ['lab_config_overrides', '/etc/glance/glance-api.conf', 'DEFAULT', 'debug']
  await edit(join(root, 'ansible-vars/group_vars/all.yml'), (document) =>
    document.setIn(path, document.getIn(path) !== true),
  )
}
