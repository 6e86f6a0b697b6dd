/**
 * Installs OpenTofu on a machine that has neither it nor Terraform: the official release, or else built from source.
 */

import { createHash } from 'node:crypto'
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import type { TerraformProgram } from '../declaration/identity.ts'
import { fetchOutside } from '../run/outside.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { withWorkFolder } from '../run/work-folder.ts'
import { cachedOpenTofu, cacheFolder, openTofuModule, openTofuVersion } from './cache.ts'

const release = {
  url: `https://github.com/opentofu/opentofu/releases/download/v${openTofuVersion}/tofu_${openTofuVersion}_linux_amd64.tar.gz`,
  sha256: 'b6b46b4fd8dd0b96e624f2a2d5fbc4efae2fc0174529b37292775c847c2e7d2c',
}

/** Puts OpenTofu into the user's cache; the system's folders are not touched. */
export async function obtainOpenTofu(progress: Progress): Promise<TerraformProgram> {
  const path = cachedOpenTofu()
  await withWorkFolder(cacheFolder(), 'work', (work) =>
    progress.step(`OpenTofu ${openTofuVersion}`, async (note) => {
      if (!(await download(work, note))) await build(work, note)
      await mkdir(dirname(path), { recursive: true })
      await chmod(join(work, 'tofu'), 0o755)
      await rename(join(work, 'tofu'), path)
    }),
  )
  return { name: 'tofu', path }
}

/** False if the release cannot be reached. A download with another checksum is an error, not a reason to go on. */
async function download(work: string, note: (detail: string) => void): Promise<boolean> {
  let archive: Buffer
  try {
    const answer = await fetchOutside(release.url, {
      signal: AbortSignal.timeout(timeouts.outside.release.seconds * 1000),
    })
    if (!answer.ok) return false
    archive = await readWhole(answer, note)
  } catch {
    return false
  }
  const sha256 = createHash('sha256').update(archive).digest('hex')
  if (sha256 !== release.sha256) {
    const remedy = 'try again; or install terraform or tofu yourself'
    throw new LabError([{ where: release.url, given: `sha256 ${sha256}`, allowed: release.sha256, remedy }])
  }
  const file = join(work, 'tofu.tar.gz')
  await writeFile(file, archive)
  await runOnHost('tar', ['-xzf', file, '-C', work, 'tofu'], { step: 'unpack OpenTofu' })
  return true
}

/** The body, with how much of it is there. */
export async function readWhole(answer: Response, note: (detail: string) => void): Promise<Buffer> {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)
  const total = Number(answer.headers.get('content-length') ?? 0)
  const chunks: Uint8Array[] = []
  let done = 0
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk)
    done += chunk.length
    note(total > 0 ? `${megabytes(done)} of ${megabytes(total)} MB` : `${megabytes(done)} MB`)
  }
  return Buffer.concat(chunks)
}

/** The committed go.sum pins every source. About three minutes on two cores. */
async function build(work: string, note: (line: string) => void): Promise<void> {
  note('building from source, about three minutes')
  const flags = '-s -w -X github.com/opentofu/opentofu/version.dev=no'
  await runOnHost('nice', ['go', 'build', '-mod=readonly', '-trimpath', '-ldflags', flags, '-o', `${work}/`, 'tool'], {
    step: 'build OpenTofu',
    cwd: openTofuModule,
    timeoutSeconds: timeouts.machine.buildOpenTofu.seconds,
    onLine: note,
  })
}
