/** `./lab version`: the versions of everything in use here; contacts nothing. */

import { defineCommand } from 'citty'
import { readVersions, showVersions } from '../insight/versions.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { versionDocument } from './documents/others.ts'

export default defineCommand({
  meta: { name: 'version', description: 'Shows the versions of this tool, Terraform, the providers and OpenStack.' },
  args: { json: { type: 'boolean', description: jsonOption } },
  async run({ args }) {
    const versions = await readVersions(checkout)
    if (args.json) printDocument(versionDocument, versions)
    else print(showVersions(versions))
  },
})
