import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import type { Progress } from '../../scripts/run/progress.ts'
import { hasMirror, mirrorFolder, mirrorPath, providers } from '../../scripts/terraform/cache.ts'
import { ensureProviders } from '../../scripts/terraform/providers.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const progress: Progress = { step: (_, work) => work(() => {}), line: () => {} }

/** As in Terraform's documentation: HOSTNAME/NAMESPACE/TYPE/terraform-provider-TYPE_VERSION_TARGET.zip */
const zips = (host: string) => [
  `${host}/dmacvicar/libvirt/terraform-provider-libvirt_0.8.3_linux_amd64.zip`,
  `${host}/terraform-provider-openstack/openstack/terraform-provider-openstack_3.4.0_linux_amd64.zip`,
]

/** A cache of the test's own. */
function ownHome(): string {
  const [home, before] = [temporaryFolder(), process.env['HOME']]
  process.env['HOME'] = home
  onTestFinished(() => {
    process.env['HOME'] = before
  })
  return home
}

/** Does what `terraform providers mirror … FOLDER` does, and records that it was called. */
function fakeTerraform(folder: string): string {
  const path = join(folder, 'terraform')
  const files = zips('registry.terraform.io').map((file) => `mkdir -p "$out/${dirname(file)}"; : >"$out/${file}"`)
  const script = ['#!/bin/sh', 'for out; do :; done', `echo asked >>${join(folder, 'asked')}`, ...files]
  writeFileSync(path, `${script.join('\n')}\n`)
  chmodSync(path, 0o755)
  return path
}

test.each([
  ['terraform', 'registry.terraform.io'],
  ['tofu', 'registry.opentofu.org'],
] as const)('%s: a mirror holds the providers as the registry packs them, or as Go builds them', (name, host) => {
  const folder = temporaryFolder()
  const put = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), '')
  }
  const [libvirt, openstack] = zips(host)
  expect(hasMirror(name, folder)).toBe(false)
  put(libvirt!)
  expect(hasMirror(name, folder)).toBe(false)
  put(openstack!)
  expect(hasMirror(name, folder)).toBe(true)
  expect(hasMirror(name === 'tofu' ? 'terraform' : 'tofu', folder)).toBe(false)
  const other = temporaryFolder()
  for (const provider of providers) mkdirSync(mirrorPath(name, provider, other), { recursive: true })
  expect(hasMirror(name, other)).toBe(true)
})

test('what was downloaded once is not downloaded again, with or without the registry', async () => {
  const home = ownHome()
  const lab = { ...fixtureLab('lxc'), root: temporaryFolder() }
  const program = { name: 'terraform', path: fakeTerraform(home) } as const
  const ensure = (registry: boolean) => ensureProviders(lab, program, { registry }, progress)
  for (const registry of [true, true, false]) await ensure(registry)
  expect(readFileSync(join(home, 'asked'), 'utf8')).toBe('asked\n')
  expect(readdirSync(join(home, '.cache/duostack'))).toEqual(['providers'])
})

const hasTerraform = (await execa('terraform', ['version'], { reject: false })).exitCode === 0

test.skipIf(!hasTerraform)('Terraform itself finds them where we look', async () => {
  const home = ownHome()
  const work = temporaryFolder()
  for (const [index, file] of zips('registry.terraform.io').entries()) {
    const { binary, version } = providers[index]!
    writeFileSync(join(work, `${binary}_v${version}`), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    mkdirSync(dirname(join(mirrorFolder(), file)), { recursive: true })
    const pack = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").write(sys.argv[2])'
    await execa('python3', ['-c', pack, join(mirrorFolder(), file), `${binary}_v${version}`], { cwd: work })
  }
  expect(hasMirror('terraform')).toBe(true)
  const required = Object.fromEntries(
    providers.map(({ source, version }) => [source.split('/')[1]!, { source, version }]),
  )
  writeFileSync(join(work, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: required } }))
  const rc = `provider_installation {\n  filesystem_mirror { path = "${mirrorFolder()}" }\n}\n`
  writeFileSync(join(home, 'rc'), rc)
  const env = { TF_CLI_CONFIG_FILE: join(home, 'rc'), CHECKPOINT_DISABLE: '1' }
  await execa('terraform', ['init', '-no-color'], { cwd: work, env })
  expect(existsSync(join(work, '.terraform.lock.hcl'))).toBe(true)
})
