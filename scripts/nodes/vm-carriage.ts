/**
 * A save of virtual machines in an unpacked file. Its images can name any file of this machine, and QEMU opens what they
 * name: they are judged by their heads, which are then written anew, before any program of QEMU sees them.
 */

import { join } from 'node:path'
import { dataElsewhere, isQcow2, namesDataFile, qcow2HeadBytes, readQcow2, renewQcow2 } from '../cloud/qcow2.ts'
import type { Lab } from '../declaration/lab.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { asRoot } from '../run/as-root.ts'
import { savesPaths } from '../run/paths.ts'
import { gibibyte } from '../terminal/amounts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { namesOf } from './layers.ts'
import type { Carriage } from './node-kind.ts'
import { refuseImport } from './refuse-import.ts'
import { machineTypes, readKnown } from './vm-known.ts'
import { disksOf, poolFiles, poolOf, unwrittenFiles } from './vm-paths.ts'
import { renderMachine, renderPool } from './vm-xml.ts'

const image = `pool/${poolFiles.image}`

export const carriage: Carriage = {
  single: "a virtual machine's identity is inside its disk, which nothing here can open without running it",
  image,
  resources: machineTypes,
  hostKeys: 'public',
  accept,
}

async function accept(lab: Lab, folder: string): Promise<void> {
  const known = readKnown(lab)
  await judgeEntries(lab, folder)
  const { listOf, heads } = await readDisks(lab, folder)
  const chains = lab.nodes.flatMap((node) => chainsOf(node, listOf(node.name)))
  const layers = chains.flatMap(({ files }) => files)
  if (layers.length !== heads.size - 1 || layers.some((layer) => !heads.has(layer))) {
    throw refuseImport('other layers than the lists of the nodes name, each once', 'the layers of a save')
  }
  const smallest = Math.min(...lab.nodes.map(({ diskGiB }) => diskGiB)) * gibibyte
  judgeHead(image, heads.get(image)!, smallest)
  if (readQcow2(heads.get(image)!).hasBacking) throw refuseImport(`${image} lies on another image`, 'a whole image')
  const renewed = new Map([[image, renewQcow2(heads.get(image)!)]])
  for (const { files, bytes, bottom } of chains) {
    for (const [index, file] of files.entries()) {
      judgeHead(file, heads.get(file)!, bytes)
      const next = files[index + 1]
      const below = next ? join(savesPaths(lab).layers, next) : bottom && join(poolOf(lab).path, bottom)
      renewed.set(file, renewQcow2(heads.get(file)!, below))
    }
  }
  const descriptions = new Map([
    ['pool.xml', renderPool(lab, known('libvirt_pool', poolOf(lab).name))],
    ...lab.nodes.map(
      (node) =>
        [
          `${node.name}/domain.xml`,
          renderMachine(lab, node, known('libvirt_domain', domainName(lab, node.name))),
        ] as const,
    ),
  ])
  await asRoot('write what the import is made from', settle(lab, folder, { renewed, descriptions }))
}

const layerName = /^[0-9a-f]{8}-(?:root|volumes)\.qcow2$/

/** Throws for anything but ordinary files of the names that such a save has. */
async function judgeEntries(lab: Lab, folder: string): Promise<void> {
  const folders = ['nodes', 'pool']
  const files = [
    'checkout.tar',
    'manifest.json',
    ...lab.nodes.map(({ name }) => `nodes/${name}`),
    ...unwrittenFiles(lab).map((file) => `pool/${file}`),
  ]
  const list = `cd ${shellQuote(folder)}; find . -mindepth 1 -printf '%y %m %n %s %P\\0' | head -c 1000000`
  const { stdout } = await asRoot('look at what was unpacked', list)
  const left = new Set([...folders, ...files])
  for (const entry of stdout.split('\0').filter(Boolean)) {
    const [, type, mode = '', links, size, path = ''] = /^(\S+) (\d+) (\d+) (\d+) ([\s\S]+)$/.exec(entry) ?? []
    const allowed = 'the entries of a save of this lab'
    if (!left.delete(path) && !layerName.test(path)) throw refuseImport(`an entry that no save has: ${path}`, allowed)
    const isPlain = folders.includes(path) ? type === 'd' : type === 'f' && links === '1'
    // Each layer of a list takes some 22 bytes.
    const isTooLong = path.startsWith('nodes/') && Number(size) > 2000
    if (!isPlain || isTooLong || (Number.parseInt(mode, 8) & 0o7000) !== 0) {
      throw refuseImport(`${path} is not an ordinary ${folders.includes(path) ? 'folder' : 'file'}`, allowed)
    }
  }
  if (left.size > 0) throw refuseImport(`a save without ${[...left].join(', ')}`, 'a whole save of this lab')
}

/** The lists of the nodes, and the heads of all images. Nothing else of the images is read. */
async function readDisks(lab: Lab, folder: string) {
  const { stdout } = await asRoot(
    'read the heads of the disks',
    `cd ${shellQuote(folder)}
shopt -s nullglob
for node in ${namesOf(lab)}; do while read -r layer; do echo "list $node $layer"; done <"nodes/$node"; done
for file in *.qcow2 ${image}; do echo "head $file $(head -c ${qcow2HeadBytes} "$file" | base64 -w 0)"; done`,
  )
  const lines = stdout.split('\n').map((line) => line.split(' '))
  const of = (word: string) => lines.filter(([first]) => first === word)
  return {
    listOf: (name: string) => of('list').flatMap(([, node, ...layer]) => (node === name ? [layer.join(' ')] : [])),
    heads: new Map(of('head').map(([, file, head = '']) => [file!, Buffer.from(head, 'base64')])),
  }
}

/** What each disk of a node lies on, the newest first, and the image below all of them. */
function chainsOf(node: Lab['nodes'][0], list: readonly string[]) {
  const chains = disksOf(node).map(({ kind, bytes }) => ({
    files: list.filter((layer) => layerName.test(layer) && layer.endsWith(`-${kind}.qcow2`)),
    bytes,
    bottom: kind === 'root' ? poolFiles.image : undefined,
  }))
  const named = chains.flatMap(({ files }) => files)
  if (named.length === list.length && chains.every(({ files }) => files.length > 0)) return chains
  throw refuseImport(`${node.name} has a list of layers that does not fit its disks`, 'a layer at least for each disk')
}

function judgeHead(file: string, head: Buffer, largest: number): void {
  const allowed = `a qcow2 image of up to ${Math.floor(largest / gibibyte)} GiB, whole in its file, as a lab has it`
  const wrong = isQcow2(head) ? faultOf(head, largest) : 'is no qcow2 image'
  if (wrong) throw refuseImport(`${file} ${wrong}`, allowed)
}

function faultOf(head: Buffer, largest: number): string | undefined {
  const { version, clusterBits, virtualBytes, isEncrypted, snapshots, features } = readQcow2(head)
  // The older version has none.
  const needed = version === 3 ? features : 0n
  if ((needed & dataElsewhere) !== 0n || namesDataFile(head)) return 'has its data in another file'
  if (needed !== 0n) return 'has features that a lab does not use'
  if (isEncrypted) return 'is encrypted'
  if (snapshots > 0) return 'has snapshots'
  if (clusterBits < 12 || clusterBits > 21) return 'has clusters of another size'
  return virtualBytes > largest ? `is a disk of ${Math.ceil(virtualBytes / gibibyte)} GiB` : undefined
}

interface Own {
  renewed: ReadonlyMap<string, Buffer>
  descriptions: ReadonlyMap<string, string>
}

/** Bash. What QEMU runs as gets its disks from libvirt; the parts of the image are readable like those of any lab. */
const settle = ({ nodes }: Lab, folder: string, { renewed, descriptions }: Own) => `cd ${shellQuote(folder)}
${[...renewed].map(([file, head]) => `echo ${head.toString('base64')} | base64 -d | dd of=${file} conv=notrunc status=none`).join('\n')}
chown root:root pool pool/* ./*.qcow2
chmod 0600 ./*.qcow2
chmod 0755 pool
chmod 0644 pool/*
install -d -m 0711 domains ${nodes.map(({ name }) => `domains/${shellQuote(name)}`).join(' ')}
${[...descriptions].map(([file, text]) => `printf %s ${shellQuote(text)} >domains/${shellQuote(file)}`).join('\n')}`
