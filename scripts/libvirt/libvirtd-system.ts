/** The system's libvirtd: started if it is stopped, restarted if it hangs, and an error if the user may not use it. */

import { LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { answerSeconds, answersFunction, questionTo } from './libvirtd-answers.ts'

/**
 * One socket for every driver: libvirtd's own, or where libvirt is split into a daemon for each driver, virtproxyd's.
 * A daemon that runs and does not answer hangs, or was started before a driver was installed; a restart keeps what
 * runs under it.
 */
const startSystem = (lab: Lab) => `[ -d /run/systemd/system ] || exit 0
${answersFunction(lab)}
unit=libvirtd
if systemctl -q is-active virtqemud.socket && ! systemctl -q is-active libvirtd.socket libvirtd.service; then unit=virtproxyd; fi
systemctl start $unit.socket || systemctl start $unit
answers && exit 0
for one in libvirtd virtproxyd virtqemud virtlxcd virtnetworkd virtstoraged; do
  systemctl -q is-active $one.service || continue
  echo "$one does not answer: it is restarted; what runs under it goes on"
  timeout 60 systemctl restart $one.service
done
exit 0
`

/** The system's daemon. Throws LabError if the calling user may not use it. */
export async function ensureSystemLibvirtd(lab: Lab, say: (line: string) => void): Promise<void> {
  const [file = '', ...words] = questionTo(lab, 2 * answerSeconds(lab))
  const answers = async (root: boolean) => {
    const asked = await runOnHost(file, words, { step: 'ask the system libvirtd', root, allow: [0, 1, 124] })
    return asked.exitCode === 0
  }
  if (await answers(false)) return
  await runOnHost('bash', ['-s'], {
    step: 'start the system libvirtd',
    root: true,
    input: startSystem(lab),
    timeoutSeconds: timeouts.machine.systemLibvirtd.seconds,
    onLine: say,
  })
  if (await answers(false)) return
  throw new LabError([(await answers(true)) ? mayNotConnect(lab.libvirtUri) : doesNotAnswer(lab)])
}

/** The finding of a user whom the system's libvirtd does not admit. */
export const mayNotConnect = (where: string) => ({
  where,
  given: "none, but this user may not use the system's libvirtd",
  allowed: 'a user who has been in the group libvirt since login',
  remedy:
    'sudo usermod -aG libvirt "$USER", then log in again; or set lab_isolation: auto, so that the lab gets its own libvirtd',
})

const doesNotAnswer = (lab: Lab) => ({
  where: lab.libvirtUri,
  given: 'the libvirtd of this machine does not answer',
  allowed: 'a running libvirtd, or a lab with its own libvirtd',
  remedy: 'sudo systemctl status libvirtd; or set lab_isolation: netns in ansible-vars/group_vars/all.yml',
})
