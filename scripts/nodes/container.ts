/**
 * Creates and removes a container node through the lab's libvirtd. Every step checks first, so the next run finishes an
 * interrupted one.
 */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { LabError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { domainMark, domainName } from '../libvirt/domain-name.ts'
import { switchSpanningTreeOff } from '../libvirt/spanning-tree.ts'
import { runVirsh, virshHint } from '../libvirt/virsh.ts'
import { checkpoint } from './container-layers.ts'
import { mountRoot, removeRoot } from './container-root.ts'
import { containerDevices, containerPaths, renderContainer } from './container-xml.ts'
import { cutPower, forgetEnding, isEnding, readState, shutDown, startDomain } from './domain.ts'
import type { NodeKind } from './node-kind.ts'
import { probeVlan, probeVxlan } from './probes.ts'
import { waitForNode } from './reach.ts'

export const container: NodeKind = {
  driver: 'lxc',
  image: 'tree',
  sharesHost: true,
  byProvider: false,
  usesKvm: false,
  slowdown: 1,
  // The kernel's iSCSI speaks in its first network namespace only, so a container has no block volumes of its own.
  capabilities: async () => ({ vlan: await probeVlan(), lvm: false }),
  hasVxlan: probeVxlan,
  create,
  destroy,
  // More than its domain may be gone: its root is mounted anew after a reboot of this machine.
  start: create,
  stop,
  // Its description is written and defined anew at every start.
  resize: async () => {},
  checkpoint,
}

/**
 * Brings the node up: its root, its identity and host key in it, its domain, started, answering to ssh. A node that
 * runs as it should is left alone; one that is defined differently is stopped and defined anew, its files kept; one that
 * is shutting down is waited for first.
 * Throws LabError if a domain of this name is not the lab's.
 */
async function create(lab: Lab, node: LabNode): Promise<void> {
  const xml = withDigest(renderContainer(lab, node, containerDevices(existsSync)))
  const found = await readSettled(lab, node)
  if (found.exists && (found.digest !== digestIn(xml) || !found.running)) await end(lab, node, found)
  if (!found.running || found.digest !== digestIn(xml)) {
    await mountRoot(lab, node, xml)
    const define = ['define', containerPaths(lab, node.name).description]
    // As root, whose file the description is.
    await runVirsh(lab.libvirtUri, define, { step: `${node.name}: define its domain`, root: true })
    await switchSpanningTreeOff(lab)
    // Only with its root mounted can it start: `mountRoot` is what a host's reboot asks for.
    await startDomain(lab, node)
  }
  await waitForNode(lab, node, virshHint('console', domainName(lab, node.name)))
}

/**
 * libvirtd that was killed while it started a container may not be told of its end: the domain then runs for ever
 * without a process. `id` is what `virsh domid` prints, for containers the id of that process.
 */
export const isLost = (id: string): boolean => /^\d+$/.test(id.trim()) && !existsSync(`/proc/${id.trim()}`)

async function hasLostProcess(lab: Lab, { name }: Pick<LabNode, 'name'>): Promise<boolean> {
  const ask = { step: `${name}: look for its process`, allow: [0, 1] }
  return isLost((await runVirsh(lab.libvirtUri, ['domid', domainName(lab, name)], ask)).stdout)
}

async function stop(lab: Lab, node: LabNode): Promise<void> {
  await shutDown(lab, node, async () => {
    const state = await readState(lab, node)
    return state === 'running' && (await hasLostProcess(lab, node)) ? 'shut off' : state
  })
  if (await hasLostProcess(lab, node)) await cutPower(lab, node)
}

/** Stops the node hard and removes it with all its files. */
async function destroy(lab: Lab, node: Pick<LabNode, 'name'>): Promise<void> {
  const found = await readDomain(lab, node)
  if (found.exists) {
    await end(lab, node, found)
    await runVirsh(lab.libvirtUri, ['undefine', domainName(lab, node.name)], {
      step: `${node.name}: remove its domain`,
    })
  }
  await removeRoot(lab, node)
}

interface FoundDomain {
  exists: boolean
  running: boolean
  /** libvirt takes it for running: it may have lost its process. */
  hasId: boolean
  /** Of the description that it was defined with. */
  digest: string | undefined
}

async function readDomain(lab: Lab, node: Pick<LabNode, 'name'>): Promise<FoundDomain> {
  const name = domainName(lab, node.name)
  const { stdout } = await runVirsh(lab.libvirtUri, ['list', '--all', '--name'], {
    step: `${node.name}: look for its domain`,
  })
  if (!stdout.split('\n').includes(name)) return { exists: false, running: false, hasId: false, digest: undefined }
  const { stdout: xml } = await runVirsh(lab.libvirtUri, ['dumpxml', name], { step: `${node.name}: read its domain` })
  if (!xml.includes(`<description>${domainMark(lab.id)}`)) throw new LabError([notOurs(lab, name)])
  const [, id = ''] = /^<domain[^>]* id='(\d+)'/.exec(xml) ?? []
  return { exists: true, running: id !== '' && !isLost(id), hasId: id !== '', digest: digestIn(xml) }
}

const notOurs = (lab: Lab, name: string) => ({
  where: `libvirt domain ${name}`,
  given: 'already exists and does not belong to this lab',
  allowed: `no such domain, or one of lab ${lab.id}`,
  remedy: 'change lab_name in ansible-vars/group_vars/all.yml',
})

/** When it no longer shuts down. */
async function readSettled(lab: Lab, node: LabNode): Promise<FoundDomain> {
  const found = await readDomain(lab, node)
  if (!isEnding(lab, node)) return found
  if (found.hasId) await stop(lab, node)
  forgetEnding(lab, node)
  return readDomain(lab, node)
}

async function end(lab: Lab, node: Pick<LabNode, 'name'>, { hasId }: FoundDomain): Promise<void> {
  // It may have ended by itself since it was looked at.
  if (hasId) await cutPower(lab, node)
}

/** libvirt rewrites the XML; a digest in it identifies what it was made from. */
function withDigest(xml: string): string {
  const digest = createHash('sha256').update(xml).digest('hex')
  return xml.replace(/<description>[^<]*/, `$&, definition ${digest}`)
}

const digestIn = (xml: string) => /<description>[^<]*, definition ([0-9a-f]{64})/.exec(xml)?.[1]
