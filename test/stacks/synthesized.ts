/**
 * What `main.ts` writes for a lab, read back from the real `synth()`, because only that resolves references between
 * stacks.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'cdktf'
import type { Hypervisor, Isolation, Lab } from '../../scripts/declaration/lab.ts'
import { buildApp } from '../../stacks/app.ts'
import { NodesStack } from '../../stacks/nodes.ts'
import { fixtureLab, fixtureSecrets, fixtureUris } from '../fixtures/lab.ts'

export interface Stack {
  terraform: { backend: unknown }
  provider: Record<string, unknown[]>
  resource: Record<string, Record<string, Resource>>
}

// biome-ignore lint/suspicious/noExplicitAny: the JSON that Terraform reads, each resource of another shape.
export type Resource = Record<string, any>

/** `${libvirt_network.x.id}`, a reference in the JSON. */
export const reference = (path: string) => `\${${path}}`

/** The stacks by name, and the manifest's dependencies, without the library's version. */
export function synthesize(lab: Lab) {
  return readBack(
    (outdir) => buildApp(lab, fixtureSecrets, { outdir }),
    (read, manifest) => ({
      manifest,
      nodes: read('nodes'),
      services: read('services'),
      cloud: read('cloud'),
    }),
  )
}

/** Only the stack `nodes`, which refers to no other. */
export function synthesizeNodes(lab: Lab) {
  const build = (outdir: string) => {
    const app = new App({ outdir, skipValidation: true })
    new NodesStack(app, 'nodes', lab)
    return app
  }
  return readBack(build, (read) => read('nodes'))
}

interface Manifest {
  stacks: Record<string, { synthesizedStackPath: string; dependencies: string[] }>
}
type Read = (name: string) => { stack: Stack; text: string }

function readBack<T>(build: (outdir: string) => App, choose: (read: Read, manifest: Manifest) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), 'duostack-test-'))
  try {
    build(outdir).synth()
    const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as Manifest
    return choose((name) => {
      const text = readFileSync(join(outdir, manifest.stacks[name]!.synthesizedStackPath), 'utf8')
      const { '//': _, ...stack } = JSON.parse(text) as Stack & { '//': unknown }
      return { stack, text }
    }, manifest)
  } finally {
    rmSync(outdir, { recursive: true })
  }
}

export function labOf(hypervisor: Hypervisor, isolation: Isolation): Lab {
  const libvirtUris = fixtureUris[isolation]
  return fixtureLab(hypervisor, {
    isolation,
    libvirtUris,
    libvirtUri: libvirtUris[hypervisor === 'lxc' ? 'lxc' : 'qemu'],
  })
}

/** The nodes stack of such a lab. */
export const nodesOf = (...shape: Parameters<typeof labOf>) => synthesizeNodes(labOf(...shape)).stack

export const shapes = (['kvm', 'qemu', 'lxc'] as const).flatMap((hypervisor) =>
  (['none', 'netns'] as const).map((isolation) => ({ hypervisor, isolation })),
)
