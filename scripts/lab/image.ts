/** `./lab image add FILE|URL NAME`: checks a stock cloud image and uploads it to Glance. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import { type Image, judgeImages } from '../cloud/added-images.ts'
import type { Checksum } from '../cloud/checksum.ts'
import { type DiskFormat, diskFormats } from '../cloud/file-signs.ts'
import type { ImagePlan } from '../cloud/image-upload.ts'
import { LabError } from '../declaration/errors.ts'
import { createFile } from '../declaration/files.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { type Content, expectedChecksum, isUrl, readContent, withFile } from '../image/given-image.ts'
import { withLock } from '../run/lock.ts'
import { askInside, enterLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { terminalProgress } from '../run/progress.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { gibibyte } from '../terminal/amounts.ts'
import { tell } from '../terminal/print.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { checkout } from './checkout.ts'

interface Wish {
  source: string
  name: string
  checksum?: string
  format?: DiskFormat
}

/** Thrown where the process in the lab's network has failed and has said why. */
class EndedInside extends Error {
  constructor(readonly exitCode: number) {
    super('see the message above')
  }
}

const inside = (...words: string[]) => ownProgram(process.argv[1]!, 'image-glance', ...words)

async function askGlance(lab: Lab): Promise<Image[]> {
  const { stdout, exitCode } = await askInside(lab, inside())
  if (exitCode !== 0) throw new EndedInside(exitCode)
  return JSON.parse(stdout) as Image[]
}

/** True if the image is there already; throws LabError if it cannot be added under this name. */
function isThere(images: readonly Image[], { source, name }: Wish, sums: readonly Checksum[]): boolean {
  const judged = judgeImages(images, { name, source, sums })
  if (judged === undefined) return false
  if (judged === 'there') return true
  throw new LabError([{ where: source, ...judged }])
}

const minDiskGiB = ({ disk }: Content) => Math.ceil(disk.virtualBytes / gibibyte)

async function send(lab: Lab, { source, name }: Wish, file: string, content: Content): Promise<void> {
  const { bytes, disk, sums } = content
  // Half a megabyte in a second, at native speed, is a slow disk.
  const timeoutSeconds = Math.ceil(scaled(lab, timeouts.cloud.upload) + (bytes / 500_000) * lab.timeScale)
  const plan: ImagePlan = {
    name,
    file,
    source,
    bytes,
    sums,
    format: disk.format,
    minDiskGiB: minDiskGiB(content),
    timeoutSeconds,
  }
  const path = join(lab.paths.state, `image-${process.pid}.json`)
  try {
    createFile(path, JSON.stringify(plan))
    const exitCode = await enterLab(lab, inside(path))
    if (exitCode !== 0) throw new EndedInside(exitCode)
  } finally {
    rmSync(path, { force: true })
  }
}

/** What a person wants to know of it, and what it needs that the lab's own flavor may lack. */
export function describeImage(lab: Lab, name: string, content: Content, checked: boolean): string {
  const needs = minDiskGiB(content)
  const { flavor } = lab.cloud
  const small = needs > flavor.diskGiB
  return [
    `${name}: ${content.disk.format}, a disk of ${needs} GiB, ${checked ? 'the checksum matches' : 'no published checksum to compare'}; public`,
    ...(small
      ? [
          `The flavor ${flavor.name} has ${flavor.diskGiB} GiB. One that fits:`,
          `  ./lab openstack flavor create --vcpus 1 --ram 512 --disk ${needs} m1.disk${needs}`,
        ]
      : []),
    `  ./lab openstack server create --image ${shellQuote(name)} --flavor ${shellQuote(small ? `m1.disk${needs}` : flavor.name)} --network provider NAME`,
  ].join('\n')
}

async function add(lab: Lab, wish: Wish): Promise<void> {
  const { source, name, checksum, format } = wish
  const progress = terminalProgress()
  const there = () => tell(`image: ${name} is already in Glance, with this content; nothing was sent`)
  const expected = await expectedChecksum(source, checksum)
  // What is fetched is asked for first: it may be there already.
  if (isUrl(source) && isThere(await askGlance(lab), wish, expected ? [expected] : [])) return there()
  await withFile(lab, source, progress, async (file) => {
    const options = { ...(expected ? { expected } : {}), ...(format ? { claimed: format } : {}) }
    const content = await readContent(file, source, { ...options, progress })
    if (isThere(await askGlance(lab), wish, content.sums)) return there()
    await send(lab, wish, file, content)
    tell(describeImage(lab, name, content, expected !== undefined))
  })
}

export default defineCommand({
  meta: {
    name: 'image',
    description:
      'Uploads a disk image to Glance for all projects. The format is detected from the content. The checksum is compared with the one given, or with one found next to the image (SHA256SUMS, SHA512SUMS), and again with the one that Glance reports. The same content is not sent twice.',
  },
  args: {
    action: { type: 'positional', required: true, description: 'add' },
    source: { type: 'positional', required: true, description: 'a file or a URL (http, https)' },
    name: { type: 'positional', required: true, description: 'its name in Glance' },
    checksum: {
      type: 'string',
      description: 'sha256:HEX, sha512:HEX, or a list of checksums as a file or URL',
      valueHint: 'sum',
    },
    format: { type: 'enum', options: [...diskFormats], description: 'for an image whose format cannot be detected' },
  },
  async run({ args }) {
    const { source, name, checksum, format } = args
    const wish: Wish = {
      source,
      name,
      ...(checksum === undefined ? {} : { checksum }),
      ...(format ? { format: format as DiskFormat } : {}),
    }
    const lab = loadLab(checkout)
    await withLock(checkout, () => add(lab, wish)).catch((error: unknown) => {
      if (!(error instanceof EndedInside)) throw error
      process.exitCode = error.exitCode
    })
  },
})
