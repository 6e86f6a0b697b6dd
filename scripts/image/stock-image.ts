/** A stock image for the nodes: downloaded if necessary, checked, and cached as qcow2. */

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type DiskFormat, diskFormats } from '../cloud/file-signs.ts'
import { LabError } from '../declaration/errors.ts'
import type { Lab, StockImage } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { gibibyte } from '../terminal/amounts.ts'
import { type Content, expectedChecksum, readContent, withFile } from './given-image.ts'

const folder = '/var/cache/duostack/stock'

/** `/var/cache/duostack/stock/<digits of the checksum>.qcow2`. Shared by all labs that name the same image, and kept. */
export const stockImageFile = ({ checksum }: Pick<StockImage, 'checksum'>) =>
  join(folder, `${checksum.replace(/^.*:/, '')}.qcow2`)

/** A node's disk lies over the image: it can be larger, not smaller. */
function checkSizes(lab: Pick<Lab, 'nodes'>, source: string, { disk }: Content): void {
  const small = lab.nodes.filter(({ diskGiB }) => diskGiB * gibibyte < disk.virtualBytes)
  if (small.length === 0) return
  throw new LabError(
    small.map(({ name, diskGiB }) => ({
      where: source,
      given: `a disk of ${Math.ceil(disk.virtualBytes / gibibyte)} GiB, and ${name} has disk_gib: ${diskGiB}`,
      allowed: 'nodes whose disk is at least as large as the image',
    })),
  )
}

const bootable: readonly DiskFormat[] = diskFormats.filter((format) => format !== 'iso')

function checkFormat(source: string, { disk }: Content): void {
  if (bootable.includes(disk.format)) return
  throw new LabError([{ where: source, given: `the format ${disk.format}`, allowed: bootable.join(', ') }])
}

/**
 * Appears under its name only when it is whole. The lock is held by what makes it, so that all that is not whole there is
 * what a killed run has left.
 */
async function keep(file: string, format: DiskFormat, target: string): Promise<void> {
  const script = `cd "$3"
umask 077
exec 9>>lock
flock 9
rm -f .*.partial
qemu-img convert -f "$2" -O qcow2 "$1" ".$4.partial"
chmod 0644 ".$4.partial"
sync ".$4.partial"
mv -f ".$4.partial" "$4"`
  await runOnHost('install', ['-d', '-m', '0755', dirname(target)], { step: 'stock image: its folder', root: true })
  await runOnHost('sh', ['-euc', script, 'sh', file, format, dirname(target), basename(target)], {
    step: 'stock image: into the cache',
    root: true,
  })
}

/** Makes sure that the declared image is in the cache. Throws LabError if it is not what its checksum says. */
export async function ensureStockImage(
  lab: Pick<Lab, 'nodes' | 'paths'>,
  stock: StockImage,
  progress: Progress,
  target = stockImageFile(stock),
): Promise<void> {
  if (existsSync(target)) return
  const expected = await expectedChecksum(stock.source, stock.checksum)
  await withFile(lab, stock.source, progress, async (file) => {
    const content = await readContent(file, stock.source, { ...(expected ? { expected } : {}), progress })
    checkFormat(stock.source, content)
    checkSizes(lab, stock.source, content)
    await progress.step('stock image', () => keep(file, content.disk.format, target))
  })
}
