/** The providers' TypeScript bindings, which npm's postinstall generates unless its scripts are disabled. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import { tell } from '../terminal/print.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

const providers = ['libvirt', 'openstack'].map((name) => `node_modules/@cdktf/provider-${name}`)

/** Generates them if they are missing, in about 15 s. To be called before the stacks are loaded, which import them. */
export function ensureBindings(root: string): void {
  const missing = () => providers.find((folder) => !existsSync(join(root, folder, 'gen/provider/index.ts')))
  const where = missing()
  if (!where) return
  tell(`${where} has no bindings, because npm ran without its scripts: generating them now`)
  const { stderr } = spawnSync(process.execPath, [join(root, 'terraform-providers/generate-bindings.mjs')], {
    cwd: root,
    encoding: 'utf8',
  })
  if (!missing()) return
  throw new LabError([
    {
      where,
      given: `the provider bindings are missing and cannot be generated: ${/^\w*Error: .*/m.exec(stderr)?.[0] ?? stderr.trim()}`,
      allowed: 'the node modules of package-lock.json, installed by npm',
      remedy: `cd ${shellQuote(root)} && rm -rf node_modules && ./lab version`,
    },
  ])
}
