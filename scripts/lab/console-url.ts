/**
 * The second half of `./lab console`, run where the lab can be reached: asks Nova for the console's URL, which contains
 * a token.
 */

import { defineCommand } from 'citty'
import { openCloud } from '../cloud/client.ts'
import { mendServer } from '../cloud/failed-server.ts'
import { findServer } from '../cloud/server-by-name.ts'
import { LabError } from '../declaration/errors.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { consoleUrl } from '../health/verify/console.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: { name: 'console-url', description: 'Prints the address of a console.', hidden: true },
  args: { server: { type: 'positional', required: true, description: 'its name or id' } },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const cloud = await openCloud(lab, loadSecrets(lab.root))
    const server = await findServer(cloud, './lab console', args.server)
    if (server.status !== 'ACTIVE') {
      const given = `${server.name} is ${server.status}`
      const start = `./lab openstack server start ${server.id}; ./lab openstack server show ${server.id}`
      const remedy = server.status === 'ERROR' ? mendServer(server) : start
      throw new LabError([
        { where: './lab console', given, allowed: 'a server that is ACTIVE; only these have a console', remedy },
      ])
    }
    print(await consoleUrl(cloud, server.id))
  },
})
