/** Shutting the nodes down and starting them again, in the order in which they need each other; disks are kept. */

import { CommandError, ConnectError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { runVirsh, virshHint } from '../libvirt/virsh.ts'
import type { Progress } from '../run/progress.ts'
import { sshHost } from '../run/ssh.ts'
import { waitFor } from '../run/wait-for.ts'
import { createContainer } from './container.ts'
import { waitForNode } from './reach.ts'

/** Natively seconds; but systemd waits 90 s for a process that does not end when told to, and 90 s more when it is killed. */
const shutdownSeconds = 240

/**
 * In the order of a start. The controller first: a compute node starts its instances again when Neutron answers. Storage
 * before compute: an instance's disk may be there, and a node whose iSCSI target has gone first hangs in its shutdown.
 */
export function startOrder(lab: Lab): LabNode[][] {
  const isController = (node: LabNode) => node.roles.includes('controller')
  const isCompute = (node: LabNode) => node.roles.includes('compute')
  const others = lab.nodes.filter((node) => !isController(node) && !isCompute(node))
  return [lab.nodes.filter(isController), others, lab.nodes.filter(isCompute)].filter((group) => group.length > 0)
}

/** libvirt's word: `running`, `shut off`. */
async function readState(lab: Lab, node: LabNode): Promise<string> {
  const { stdout } = await runVirsh(lab.libvirtUri, ['domstate', domainName(lab, node.name)], {
    step: `${node.name}: look at its domain`,
    timeoutSeconds: 30,
  })
  return stdout.trim()
}

/** Compute nodes first, the controller last. One that is off already stays so. */
export async function stopNodes(lab: Lab, progress: Progress, nodes = lab.nodes): Promise<void> {
  for (const group of startOrder(lab).toReversed()) {
    const chosen = group.filter((node) => nodes.includes(node))
    await Promise.all(chosen.map((node) => progress.step(`shut ${node.name} down`, () => stopNode(lab, node))))
  }
}

/** At once, as when the plug is pulled; for a node of which nothing is kept. One that is off, or not there, is no error. */
export async function cutPower(lab: Lab, node: string): Promise<void> {
  await runVirsh(lab.libvirtUri, ['destroy', domainName(lab, node)], { step: `${node}: switch it off`, allow: [0, 1] })
}

async function stopNode(lab: Lab, node: LabNode): Promise<void> {
  if ((await readState(lab, node)) === 'shut off') return
  await powerOff(lab, node)
  const next = `${virshHint('destroy', domainName(lab, node.name))}   (a hard power-off)`
  const wait = { what: `${node.name} is shut off`, timeoutSeconds: shutdownSeconds, pauseSeconds: 0.5, next }
  await waitFor(lab, wait, async () => {
    const state = await readState(lab, node)
    return state === 'shut off' ? { found: true } : { now: state }
  })
}

/** By systemd in the node, which VMs and containers share. The connection may end before the answer comes. */
async function powerOff(lab: Lab, node: LabNode): Promise<void> {
  try {
    const timeoutSeconds = 30 * lab.timeScale
    await sshHost(lab, node).run('systemctl poweroff --no-block', { step: 'shut down', timeoutSeconds })
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof ConnectError)) throw error
    if ((await readState(lab, node)) === 'running' && /refused|route|timed out|unreachable/i.test(error.detail))
      throw error
  }
}

/** Each group when the one before it can be reached. One that runs already is left alone. */
export async function startNodes(lab: Lab, progress: Progress, nodes = lab.nodes): Promise<void> {
  for (const group of startOrder(lab)) {
    const chosen = group.filter((node) => nodes.includes(node))
    await Promise.all(chosen.map((node) => progress.step(`start ${node.name}`, () => startNode(lab, node))))
  }
}

async function startNode(lab: Lab, node: LabNode): Promise<void> {
  // Of a container more than its domain may be gone: its root is mounted anew after a reboot of this machine.
  if (lab.hypervisor === 'lxc') return createContainer(lab, node)
  if ((await readState(lab, node)) !== 'running') {
    await runVirsh(lab.libvirtUri, ['start', domainName(lab, node.name)], { step: `${node.name}: start` })
  }
  await waitForNode(lab, node, virshHint('console', domainName(lab, node.name)))
}
