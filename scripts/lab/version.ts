/** `./lab version`: the versions of everything in use here; contacts nothing. */

import { defineCommand } from 'citty'
import { readVersions, showVersions } from '../insight/versions.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: { name: 'version', description: 'Shows the versions of this tool, Terraform, the providers and OpenStack.' },
  args: { json: { type: 'boolean', description: 'one JSON document on stdout' } },
  async run({ args }) {
    const versions = await readVersions(checkout)
    print(args.json ? JSON.stringify(versions, null, 2) : showVersions(versions))
  },
})
