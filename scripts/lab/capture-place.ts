/** The first half of `./lab capture`, run where the lab can be reached: finds the place. */

import { defineCommand } from 'citty'
import { openCloud } from '../cloud/client.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { findPlace } from '../insight/wire/find-place.ts'
import { type PlaceName, placeNames } from '../insight/wire/places.ts'
import { checkRoute } from '../run/ssh.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: { name: 'capture-place', description: 'Prints a place on the path of an instance.', hidden: true },
  args: {
    server: { type: 'positional', required: true, description: 'its name or id' },
    at: { type: 'enum', options: [...placeNames], required: true, description: 'which' },
    wait: { type: 'string', required: true, description: 'seconds' },
  },
  async run({ args }) {
    // Ends with whoever asks; and an open stdin would keep it alive when it has answered.
    process.stdin.on('end', () => process.exit(1)).resume()
    try {
      const lab = loadRunningLab(checkout)
      const cloud = await openCloud(lab, loadSecrets(lab.root))
      const { server, at, wait } = args
      const wanted = { where: './lab capture', server, at: at as PlaceName, waitSeconds: Number(wait) }
      const found = await findPlace(lab, cloud, wanted)
      await checkRoute(lab, lab.nodes.find(({ name }) => name === found.place.node)!)
      print(JSON.stringify(found))
    } finally {
      process.stdin.destroy()
    }
  },
})
