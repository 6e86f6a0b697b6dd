/** The provider binaries if Terraform cannot download them itself: a filesystem mirror in the user's cache. */

import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TerraformProgram } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { withWorkFolder } from '../run/work-folder.ts'
import { cacheFolder, hasMirror, mirrorFolder, mirrorPath, providers, providersModule } from './cache.ts'
import type { TerraformFacts } from './facts.ts'

/** Fills the mirror where the lab needs one and it is not there: from the registry, else built by Go. */
export async function ensureProviders(
  lab: Lab,
  program: TerraformProgram,
  facts: Pick<TerraformFacts, 'registry'>,
  progress: Progress,
): Promise<void> {
  if (facts.registry && lab.isolation === 'none') return
  if (await ensureMirror(program, facts, progress)) await forgetLocks(lab)
}

/** True if it was filled: what an earlier one had need not be the same. */
export async function ensureMirror(
  program: TerraformProgram,
  { registry }: Pick<TerraformFacts, 'registry'>,
  progress: Progress,
): Promise<boolean> {
  if (hasMirror(program.name)) return false
  await withWorkFolder(cacheFolder(), 'work', (work) =>
    registry
      ? progress.step('Terraform providers from the registry', () => fetchMirror(work, program))
      : progress.step('Terraform providers, built from source', (note) => buildMirror(work, note)),
  )
  return true
}

/** The same fetch that `terraform init` would do, into a folder that the lab's namespace can reach. */
async function fetchMirror(work: string, program: TerraformProgram): Promise<void> {
  const required = Object.fromEntries(
    providers.map(({ source, version }) => [source.split('/')[1], { source, version }]),
  )
  await writeFile(join(work, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: required } }))
  await runOnHost(program.path, ['providers', 'mirror', '-platform=linux_amd64', join(work, 'mirror')], {
    step: 'fetch the Terraform providers',
    cwd: work,
    env: { CHECKPOINT_DISABLE: '1' },
    timeoutSeconds: timeouts.machine.providers.seconds,
  })
  await putInPlace(join(work, 'mirror'), mirrorFolder())
}

/** File by file, each whole: what is there counts as there. */
async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    await (entry.isDirectory() ? putInPlace(source, target) : rename(source, target))
  }
}

/** go.sum pins every source; what comes out is put in place by renaming, so that a killed build leaves no half mirror. */
async function buildMirror(work: string, note: (line: string) => void): Promise<void> {
  await runOnHost(
    'nice',
    ['go', 'build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', `${work}/`, 'tool'],
    {
      step: 'build the Terraform providers',
      cwd: providersModule,
      timeoutSeconds: timeouts.machine.buildProviders.seconds,
      onLine: note,
    },
  )
  const built = await readdir(work)
  for (const provider of providers) {
    const file = built.find((name) => name.startsWith(provider.binary))
    if (!file) throw new Error(`${provider.binary}: Go built no such program`)
    for (const name of ['terraform', 'tofu'] as const) {
      const path = mirrorPath(name, provider)
      await mkdir(dirname(path), { recursive: true })
      await copyFile(join(work, file), `${path}.new`)
      await rename(`${path}.new`, path)
    }
  }
}

/** Another build has another checksum, and Terraform refuses a provider that is not the one in its lock file. */
async function forgetLocks(lab: Lab): Promise<void> {
  const stacks = join(lab.root, 'cdktf.out', 'stacks')
  for (const stack of await readdir(stacks).catch(() => [])) {
    await rm(join(stacks, stack, '.terraform.lock.hcl'), { force: true })
    await rm(join(stacks, stack, '.terraform'), { recursive: true, force: true })
  }
}
