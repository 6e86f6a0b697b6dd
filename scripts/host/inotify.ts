/**
 * Checks root's inotify instances on this machine. Each systemd uses some; without enough of them, nodes start only
 * partly.
 */

import type { Finding } from '../declaration/errors.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'

/** What a container node takes: systemd, udev, D-Bus, logind and polkit were seen to take 9, with each session one more. */
const perNode = 16

/** More than so many are not counted. */
const enough = 512

export interface InotifyFacts {
  /** How many root can still have, up to `enough`. */
  free: number
  limit: number
}

/**
 * perl: takes as many as there are and gives them back at once, as the kernel tells nobody how many are in use. 294 is
 * inotify_init1 on x86-64.
 */
export const countInotify = `perl -e 'my $n = 0; $n++ while $n < ${enough} && syscall(294, 0) >= 0; print $n'
echo " $(cat /proc/sys/fs/inotify/max_user_instances)"`

export function parseInotify(text: string): InotifyFacts | undefined {
  const [, free, limit] = /^(\d+) (\d+)$/m.exec(text) ?? []
  return free === undefined ? undefined : { free: Number(free), limit: Number(limit) }
}

/** Undefined if nobody may ask: without root rights. */
export async function readInotify(): Promise<InotifyFacts | undefined> {
  try {
    const step = 'count the free inotify instances'
    // Open files too are limited: 1024 by default.
    const asked = await runOnHost('bash', ['-s'], {
      step,
      root: true,
      input: countInotify,
      timeoutSeconds: timeouts.machine.glimpse.seconds,
    })
    return parseInotify(asked.stdout)
  } catch {
    return undefined
  }
}

export const raiseInotify =
  'echo fs.inotify.max_user_instances=1024 | sudo tee /etc/sysctl.d/90-inotify.conf && sudo sysctl -p /etc/sysctl.d/90-inotify.conf'

/** `nodes`: containers that are to be started; virtual machines have a kernel of their own. */
export function checkInotify(inotify: InotifyFacts | undefined, nodes: number): Finding[] {
  const needed = nodes * perNode
  if (!inotify || inotify.free >= needed) return []
  return [
    {
      where: '/proc/sys/fs/inotify/max_user_instances',
      given: `${inotify.limit}, of which root has ${inotify.free} left: systemd in the nodes fails with "Too many open files"`,
      allowed: `${needed} free instances, ${perNode} per node`,
      remedy: raiseInotify,
    },
  ]
}
