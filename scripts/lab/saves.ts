/** `./lab saves`: what was saved of the labs of this checkout. */

import { defineCommand } from 'citty'
import { readSaves, readUnreadable } from '../checkpoint/saves.ts'
import { listSaves } from '../checkpoint/text.ts'
import { readIdentity } from '../declaration/identity.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { savesDocument } from './documents/others.ts'

export default defineCommand({
  meta: {
    name: 'saves',
    description: 'Lists the saves of the labs of this checkout, also of labs that were removed.',
  },
  args: { json: { type: 'boolean', description: jsonOption } },
  run({ args }) {
    const saves = readSaves(checkout)
    const current = readIdentity(checkout)?.id
    if (args.json) {
      const shown = saves.map(
        ({ format: _, root: __, ownImage: ___, source: ____, asNew: _____, memory, ...save }) => ({
          ...save,
          current: save.id === current,
          memory: memory !== undefined,
        }),
      )
      printDocument(savesDocument, { saves: shown })
    } else {
      const unreadable = readUnreadable(current ? [current] : [])
      print(
        listSaves(
          saves,
          current,
          unreadable.map(({ name }) => name),
        ),
      )
    }
  },
})
