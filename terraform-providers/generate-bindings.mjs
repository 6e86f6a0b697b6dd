/**
 * Writes terraform-providers/gen/ (what @cdktf/provider-libvirt and @cdktf/provider-openstack export) from the committed
 * schemas by cdktf's own `cdktf get`: no network, no Terraform. Skipped when up to date. Called by npm's postinstall, the
 * launcher, and main.ts where neither of them did.
 *
 * The schemas are the output of `terraform providers schema -json`, one file for each provider and version. After a
 * change of a version in cdktf.json and go.mod, write them anew the same way; `cdktf get` by hand writes the same files,
 * but asks the Terraform registry for the schema.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linkPackages } from './link-packages.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const schemas = join(here, 'schemas')
const target = join(here, 'gen')
const stamp = join(target, '.made-from')
const cliManifest = createRequire(import.meta.url).resolve('cdktf-cli/package.json')

function describeInputs() {
  const hash = createHash('sha256')
  const files = readdirSync(schemas)
    .sort()
    .map((name) => join(schemas, name))
  for (const file of [fileURLToPath(import.meta.url), cliManifest, join(root, 'cdktf.json'), ...files]) {
    hash.update(readFileSync(file))
  }
  return hash.digest('hex')
}

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return ''
  }
}

/** The project's strict compiler options are not the generator's. */
function excludeFromTypeCheck(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) excludeFromTypeCheck(path)
    else if (path.endsWith('.ts')) writeFileSync(path, `// @ts-nocheck\n${readFileSync(path, 'utf8')}`)
  }
}

function generate(inputs) {
  // Made beside its final place and renamed, so that a killed run never leaves half of it there.
  const draft = join(here, `gen.${process.pid}`)
  const cli = join(dirname(cliManifest), 'bundle/bin/cdktf')
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'get', '--force', '--output', draft], {
    cwd: root,
    encoding: 'utf8',
    // Without CI the command line tool may ask questions; without CHECKPOINT_DISABLE it reports to its makers.
    env: { ...process.env, CI: '1', CHECKPOINT_DISABLE: '1', CDKTF_EXPERIMENTAL_PROVIDER_SCHEMA_CACHE_PATH: schemas },
  })
  if (status !== 0) {
    rmSync(draft, { recursive: true, force: true })
    throw new Error(`cdktf get: exit code ${status}\n${stdout}${stderr}`)
  }
  excludeFromTypeCheck(draft)
  writeFileSync(join(draft, '.made-from'), inputs)
  rmSync(target, { recursive: true, force: true })
  renameSync(draft, target)
}

linkPackages(root)
const inputs = describeInputs()
if (readStamp() !== inputs) generate(inputs)
