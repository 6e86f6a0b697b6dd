/** Checks the file systems on which a lab stores its data: free space, free inodes, whether they are writable. */

import type { Declaration } from '../declaration/declaration.ts'
import type { Finding } from '../declaration/errors.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { showGiB } from '../terminal/amounts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { DiskFact, DiskUse } from './disk-facts.ts'
import type { HostFacts } from './facts.ts'
import type { HostCheck, Wanted } from './host-check.ts'

/** The image's tree, its disk and what their making needs meanwhile; containers write logs and databases on top. */
const imageMiB = 10 * 1024
const containerMiB = 3 * 1024

/** States, the synthesized stacks, the report. */
const statesMiB = 64
/**
 * On an existing lab, what an `up` that has something to do writes: a package, MariaDB's files at a restart, the states.
 * With less it would fail in the middle, or take for drift what is only the lack of room.
 */
const livingMiB = 256
/** The image's tree has 86000 files; a container node adds a thousand of its own. */
const inodeNeeds = { living: 1000, withImage: 5000, withoutImage: 100_000 } as const

type DiskNeeds = Record<DiskUse, number>

type DiskWanted = Pick<Wanted, 'image' | 'living'> & { declaration: Pick<Declaration, 'nodes' | 'hypervisor'> }

function diskNeeds({ declaration, image, living }: DiskWanted): DiskNeeds {
  if (living) return { data: livingMiB, states: statesMiB, image: 0, cache: 0 }
  const ofNode = (node: Declaration['nodes'][number]) =>
    kindOf(declaration).sharesHost ? containerMiB : (node.diskGiB + node.volumeDiskGiB) * 1024
  const data = declaration.nodes.reduce((sum, node) => sum + ofNode(node), 0)
  return { data, states: statesMiB, image: image ? 0 : imageMiB, cache: 512 }
}

/** All that a lab writes on this machine, image included where it is not there yet. */
export const neededDiskMiB = (wanted: DiskWanted): number =>
  Object.values(diskNeeds(wanted)).reduce((sum, mib) => sum + mib, 0)

function inodesNeeded({ living, image }: Wanted): number {
  if (living) return inodeNeeds.living
  return image ? inodeNeeds.withImage : inodeNeeds.withoutImage
}

function checkDisk({ disks }: HostFacts, wanted: Wanted): Finding[] {
  const needs = diskNeeds(wanted)
  const needed = disks.filter(({ use }) => needs[use] > 0)
  const used = needed.filter(({ readOnly }) => !readOnly)
  const unfit = [...needed.filter(({ readOnly }) => readOnly).map(readOnlyOf), ...checkUpper(used, wanted)]
  const tooSmall = [...new Set(used.map(({ device }) => device))].flatMap((device) =>
    checkFileSystem(
      used.filter((disk) => disk.device === device),
      needs,
      wanted,
    ),
  )
  return [...unfit, ...tooSmall]
}

/** One file system may be mounted read-only at one place alone. */
const readOnlyOf = ({ path }: DiskFact): Finding => ({
  where: path,
  given: 'on a read-only file system',
  allowed: 'a writable file system',
  remedy: `findmnt -T ${shellQuote(path)}; sudo dmesg | tail -n 30`,
})

/** Containers' changes are laid over the image: as in a container without a volume, or with a root on the network. */
function checkUpper(disks: readonly DiskFact[], { declaration }: Wanted): Finding[] {
  if (kindOf(declaration).image !== 'tree') return []
  return disks
    .filter(({ use, noUpper }) => use === 'data' && noUpper !== undefined)
    .map(({ path, noUpper }) => ({
      where: path,
      given: `on ${noUpper}, which cannot be the upper layer of an overlay mount: container nodes cannot be stored there`,
      allowed: 'ext4, XFS, btrfs or tmpfs at this path; or virtual machines as nodes',
      remedy: `mount a disk at ${path} (in a Docker container: a volume); or ./lab up --hypervisor qemu`,
    }))
}

/** `here`: the paths on one file system, which share its room. */
function checkFileSystem(here: readonly DiskFact[], needs: DiskNeeds, wanted: Wanted): Finding[] {
  const where = here.map(({ path }) => path).join(' and ')
  const [first = ''] = here.map(({ path }) => path)
  const needed = here.reduce((sum, { use }) => sum + needs[use], 0)
  const free = Math.min(...here.map(({ freeMiB }) => freeMiB))
  const inodes = Math.min(...here.map(({ freeInodes = Number.POSITIVE_INFINITY }) => freeInodes))
  const remedy = wanted.living
    ? `free space there: df -h ${first}; ./lab doctor shows what the lab uses and what was affected`
    : "free space there, or lower the nodes' disks in ansible-vars/group_vars/"
  const findings: Finding[] = []
  if (free < needed) {
    const parts = here.map(({ use }) => `${use} ${needs[use]}`).join(', ')
    const given = `${free} MiB free: ${needed - free} MiB too little`
    findings.push({ where, given, allowed: `${needed} MiB (${parts})`, remedy })
  }
  if (inodes < inodesNeeded(wanted)) {
    const allowed = `${inodesNeeded(wanted)} free inodes`
    findings.push({
      where,
      given: `${inodes} free inodes`,
      allowed,
      remedy: `df -i ${first}`,
    })
  }
  return findings
}

export const diskCheck: HostCheck = {
  what: 'disk',
  findings: checkDisk,
  seen: ({ disks }, wanted) => {
    const free = `${showGiB(Math.min(...disks.map(({ freeMiB }) => freeMiB)))} free`
    return wanted.living ? free : `${free}; up to ${showGiB(neededDiskMiB(wanted))} will be used`
  },
}
