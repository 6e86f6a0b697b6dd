/**
 * The second half of `./lab image`, run where the lab can be reached: asks Glance what it has, and uploads the image.
 */

import { readFileSync } from 'node:fs'
import { defineCommand } from 'citty'
import { readOwnImages } from '../cloud/added-images.ts'
import { openCloud } from '../cloud/client.ts'
import { type ImagePlan, removeUnfinished, uploadImage } from '../cloud/image-upload.ts'
import { loadLab } from '../declaration/load.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { countBytes } from '../run/download.ts'
import { terminalProgress } from '../run/progress.ts'
import { print, tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: {
    name: 'image-glance',
    description: "Prints which of the lab's images Glance has; with a plan, uploads an image.",
    hidden: true,
  },
  args: { plan: { type: 'positional', required: false, description: 'a file with an ImagePlan as JSON' } },
  async run({ args }) {
    const lab = loadLab(checkout)
    const cloud = await openCloud(lab, loadSecrets(lab.root))
    if (args.plan === undefined) {
      for (const name of await removeUnfinished(cloud)) tell(`  removed image ${name}, left by an interrupted upload`)
      print(JSON.stringify(await readOwnImages(cloud)))
      return
    }
    const plan = JSON.parse(readFileSync(args.plan, 'utf8')) as ImagePlan
    const send = (note: (detail: string) => void) => {
      let done = 0
      return uploadImage(cloud, plan, (count) => {
        done += count
        note(countBytes(done, plan.bytes))
      })
    }
    const title = `upload ${plan.name} to Glance and compare checksums`
    const image = await terminalProgress().step(title, send, { stack: 'image', name: 'send' })
    print(image.id)
  },
})
