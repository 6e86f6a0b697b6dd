/** The half of `./lab open --live` that runs where the lab can be reached: watches the lab, answers the page. */

import { defineCommand } from 'citty'
import { loadSecrets } from '../declaration/secrets.ts'
import { serveInside } from '../insight/live/serve-inside.ts'
import { disconnect } from '../run/ssh.ts'
import { print } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'

export default defineCommand({
  meta: { name: 'live-inside', description: 'Watches the lab for the live page.', hidden: true },
  async run() {
    const lab = loadRunningLab(checkout)
    // Ctrl-C reaches every process of the terminal; what was started on the nodes is ended first.
    process.on('SIGINT', () => {})
    try {
      await serveInside(lab, loadSecrets(lab.root), print)
    } finally {
      disconnect()
    }
  },
})
