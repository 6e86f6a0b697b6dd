/** Checks with qemu-img that a disk image is complete and has no backing file, which its first bytes do not show. */

import type { DiskFormat } from '../cloud/file-signs.ts'
import { CommandError, type Finding } from '../declaration/errors.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'

interface Info {
  'backing-filename'?: string
  'format-specific'?: { data?: { 'data-file'?: string; extents?: readonly { filename: string }[] } }
}

/** What it says holds text of the image. */
const plain = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200)

/** Its last line but for those that only say what may follow from it. */
function reasonOf({ failure }: CommandError): string {
  const lines = failure.output.split('\n').filter((line) => /error|could not|failed/i.test(line))
  return plain(lines[0] ?? failure.output.trim())
}

const damaged = (file: string, error: unknown): Omit<Finding, 'where'> => {
  if (!(error instanceof CommandError) || error.failure.exitCode > 2) throw error
  const remedy = `download it again and compare its checksum; for details: qemu-img check ${file}`
  return { given: `damaged or truncated: ${reasonOf(error)}`, allowed: 'a complete image', remedy }
}

const ask = (format: DiskFormat, file: string, args: readonly string[], allow: readonly number[]) =>
  runOnHost('qemu-img', [...args, '-U', '-f', format, file], {
    step: 'check the image',
    timeoutSeconds: timeouts.machine.image.seconds,
    allow,
  })

/** Leaked clusters only waste room; some formats cannot be looked through. */
const harmless = [0, 3, 63]

/** `file` is an absolute path: others may mean something else to qemu-img. A finding is without its place. */
export async function checkWhole(file: string, format: DiskFormat): Promise<Omit<Finding, 'where'> | undefined> {
  if (format === 'raw' || format === 'iso') return undefined
  try {
    const info = JSON.parse((await ask(format, file, ['info', '--output=json'], [0])).stdout) as Info
    const { 'data-file': data, extents = [] } = info['format-specific']?.data ?? {}
    const others = [info['backing-filename'], data, ...extents.map(({ filename }) => filename)]
    const other = others.find((name) => name !== undefined && name !== file)
    if (other !== undefined) {
      const remedy = `qemu-img convert -O qcow2 ${file} WHOLE.qcow2`
      return {
        given: `an image with a backing file (${plain(other)})`,
        allowed: 'an image without a backing file',
        remedy,
      }
    }
    await ask(format, file, ['check'], harmless)
    return undefined
  } catch (error) {
    return damaged(file, error)
  }
}
