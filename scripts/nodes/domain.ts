/** The libvirt domain of one node of either kind: its state, and starting and stopping it. */

import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError, ConnectError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { runVirsh, virshHint } from '../libvirt/virsh.ts'
import { sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { waitFor } from '../run/wait-for.ts'

/** libvirt's word: `running`, `shut off`. */
export async function readState(lab: Lab, node: LabNode): Promise<string> {
  const { stdout } = await runVirsh(lab.libvirtUri, ['domstate', domainName(lab, node.name)], {
    step: `${node.name}: look at its domain`,
    timeoutSeconds: timeouts.machine.query.seconds,
  })
  return stdout.trim()
}

export async function startDomain(lab: Lab, node: LabNode): Promise<void> {
  await runVirsh(lab.libvirtUri, ['start', domainName(lab, node.name)], { step: `${node.name}: start` })
}

/** Powers it off at once, for a node of which nothing is kept. Not an error if it is off or does not exist. */
export async function cutPower(lab: Lab, { name }: Pick<LabNode, 'name'>): Promise<void> {
  await runVirsh(lab.libvirtUri, ['destroy', domainName(lab, name)], { step: `${name}: switch it off`, allow: [0, 1] })
  forgetEnding(lab, { name })
}

const endingMark = (lab: Pick<Lab, 'paths'>, { name }: Pick<LabNode, 'name'>) =>
  join(lab.paths.state, `shutting-down-${name}`)

/** It was told to shut down by a command that was killed before it saw it off: it runs, but not for long. */
export const isEnding = (lab: Pick<Lab, 'paths'>, node: Pick<LabNode, 'name'>): boolean =>
  existsSync(endingMark(lab, node))

/** It is off, or there is another in its place. */
export const forgetEnding = (lab: Pick<Lab, 'paths'>, node: Pick<LabNode, 'name'>): void =>
  rmSync(endingMark(lab, node), { force: true })

function markEnding(lab: Lab, node: LabNode): void {
  try {
    closeSync(openSync(endingMark(lab, node), 'a', 0o600))
  } catch {
    // On a full disk. A node can be shut down there as well.
  }
}

/**
 * Shuts it down in order; its disk is kept. One that is already off stays off, and one that a killed command has told to
 * shut down is waited for. `look` gives its state.
 */
export async function shutDown(lab: Lab, node: LabNode, look = readState): Promise<void> {
  if ((await look(lab, node)) !== 'shut off') await endIt(lab, node, look)
  forgetEnding(lab, node)
}

async function endIt(lab: Lab, node: LabNode, look: typeof readState): Promise<void> {
  const wasTold = isEnding(lab, node)
  markEnding(lab, node)
  try {
    await powerOff(lab, node, wasTold)
  } catch (error) {
    // It was told nothing.
    forgetEnding(lab, node)
    throw error
  }
  const next = `${virshHint('destroy', domainName(lab, node.name))}   (a hard power-off)`
  const wait = {
    what: `${node.name} is shut off`,
    timeoutSeconds: timeouts.nodes.shutdown.seconds,
    pauseSeconds: 0.5,
    next,
  }
  await waitFor(lab, wait, async () => {
    const state = await look(lab, node)
    return state === 'shut off' ? { found: true } : { now: state }
  })
}

/** What `systemctl poweroff` does in the end. It asks logind first, which waits 5 s for libvirtd where instances run. */
const powerOffNow = 'systemctl start poweroff.target --job-mode=replace-irreversibly --no-block'

/**
 * By systemd in the node, which VMs and containers share. The connection may end before the answer comes; `wasTold`: there
 * may be none any more.
 */
async function powerOff(lab: Lab, node: LabNode, wasTold: boolean): Promise<void> {
  try {
    const timeoutSeconds = scaled(lab, timeouts.nodes.answer)
    await sshHost(lab, node).run(powerOffNow, { step: 'shut down', timeoutSeconds })
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof ConnectError)) throw error
    if (wasTold) return
    if ((await readState(lab, node)) === 'running' && /refused|route|timed out|unreachable/i.test(error.detail))
      throw error
  }
}
