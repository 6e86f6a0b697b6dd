/** Instances that QEMU has stopped in the middle, which Nova goes on to call ACTIVE. */

import { listPausedInstances, resumeInstance } from '../../../libvirt/node-virsh.ts'
import { virshText } from '../../../libvirt/virsh.ts'
import { nameObject, servers } from '../reads/cloud.ts'
import { rule, type ShellRead } from '../rule.ts'

const paused: ShellRead = {
  on: 'compute',
  script: () => listPausedInstances,
}

/** Only this reason is nobody's wish. */
const ioError = 'paused (I/O error)'
const pastNova = "it was paused in libvirt or QEMU's monitor, without Nova, perhaps on purpose"

export const instancePaused = rule({
  symptom: 'an instance is ACTIVE but frozen: no ping, no console',
  cause: 'QEMU paused it because a write to its disk failed, usually for lack of space; Nova does not resume it',
  remedy: 'free space on its node and on this machine, then resume it: it continues where it stopped',
  service: 'nova',
  reads: { paused, servers },
  judge: ({ paused: answers, servers: all }, { own }) =>
    answers.flatMap(({ at, text }) =>
      [...text.matchAll(/^paused (\S+) (.+)$/gm)].flatMap(([, domain = '', state = '']) => {
        const server = all.find(
          (one) => one['OS-EXT-SRV-ATTR:instance_name'] === domain && one['OS-EXT-SRV-ATTR:host'] === at,
        )
        // What Nova itself has paused it calls so; while it works on one, it may be paused for a moment.
        if (server?.status !== 'ACTIVE' || server['OS-EXT-STS:task_state']) return []
        const errors = [...text.matchAll(new RegExp(`^error ${domain} (.+)$`, 'gm'))].map(([, line]) => line)
        const failed = errors.length ? `; domblkerror: ${errors.join(', ')}` : ''
        const resume = resumeInstance(domain)
        return [
          {
            about: nameObject(server, own),
            evidence: [`${at}: ${virshText('domstate', '--reason', domain)}: ${state}${failed}`],
            next: `./lab ssh ${at} ${resume}`,
            explains: [`instance-silent ${nameObject(server, own)}`],
            ...(state === ioError ? { fix: { node: at, script: resume } } : { cause: pastNova }),
          },
        ]
      }),
    ),
})
