/** The README of a packed bug: what is in the archive, and the steps to see the same on another machine. */

import type { Lab } from '../../declaration/lab.ts'

export interface PackedPatch {
  service: string
  /** In the archive. */
  file: string
  /** Something in it was masked: it may not apply. */
  masked: boolean
}

export interface Packed {
  /** Debug logging and patches, in words. */
  onPurpose: readonly string[]
  /** Undefined where a node did not answer. */
  patches: readonly PackedPatch[] | undefined
}

function describePatches({ patches }: Packed): string[] {
  if (!patches) return ['A node did not answer, so patches are missing here.', '']
  const masked = patches.filter((one) => one.masked).map(({ file }) => file)
  return masked.length ? [`Masked, and may not apply: ${masked.join(', ')}.`, ''] : []
}

export function writeReadme(lab: Pick<Lab, 'id' | 'name' | 'hypervisor'>, packed: Packed): string {
  const services = packed.onPurpose.flatMap((line) => /^debug logging: (\S+)/.exec(line)?.[1] ?? [])
  const steps = [
    '1. Check out the version of Duostack that is in `version.json`.',
    '2. Copy `ansible-vars/` from here over the one of the checkout. It has no secrets: `./lab up` makes new ones.',
    `3. \`./lab up --hypervisor ${lab.hypervisor}\``,
    ...[
      ...(packed.patches ?? []).map(({ service, file }) => `./lab patch ${service} ${file}`),
      ...services.map((service) => `./lab debug ${service} on`),
      './lab trace --launch',
    ].map((command, index) => `${index + 4}. \`${command}\``),
  ]
  const lines = packed.onPurpose.map((line) => `- ${line}`)
  return [
    `# A bug on the lab ${lab.name} (${lab.id})`,
    '',
    '*Say here what you did, what you expected and what you saw.*',
    '',
    '## Steps',
    '',
    ...steps,
    '',
    '## Changed on purpose',
    '',
    ...(lines.length ? lines : ['Nothing: no patch, no debug logging.']),
    '',
    ...describePatches(packed),
    '## What is here',
    '',
    '- `ansible-vars/`, `overrides.json`: what is declared; the keys of `lab_config_overrides` as they are applied',
    '- `version.json`, `packages-NODE.txt`: versions, and every package of the nodes',
    '- `patches/`: in the order in which they were applied',
    '- `trace.txt`, `trace.json`: a launch, step by step',
    '- `status.json`, `doctor.txt`: the lab when this was packed',
    '',
    'Passwords, tokens and keys are masked as `***`. `./lab logs export` packs the logs.',
    '',
  ].join('\n')
}
