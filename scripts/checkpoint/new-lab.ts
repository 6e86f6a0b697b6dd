/** Makes a new lab of a saved one: a new id and name, new secrets and keys; what was saved is shared on the disk. */

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../declaration/files.ts'
import { type Identity, writeIdentity } from '../declaration/identity.ts'
import { composeLab, loadDeclaration } from '../declaration/load.ts'
import { dataKeys, secretNames } from '../declaration/secret-names.ts'
import { rotateSecrets } from '../declaration/secrets.ts'
import { refuseImport as refuse } from '../nodes/refuse-import.ts'
import { asRoot } from '../run/as-root.ts'
import type { savesPaths } from '../run/paths.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { stateFile } from '../terraform/state.ts'
import type { Foreign } from './foreign.ts'
import type { Save } from './saves.ts'

/**
 * Changes the checkout that was taken over to `folder`. The ssh keys are made anew by the restore. Throws LabError where
 * the new lab could not stand beside the old one.
 */
export function makeNew(folder: string, foreign: Foreign, { id, name }: Pick<Identity, 'id' | 'name'>): Foreign {
  if (foreign.identity.isolation !== 'netns') {
    const { management, provider } = foreign.identity.networks
    throw refuse(
      `a lab of isolation none, whose ranges (${management.cidr}, ${provider.cidr}) would be those of its original`,
      'with --as, a lab of isolation netns',
    )
  }
  const all = join(folder, 'ansible-vars/group_vars/all.yml')
  replaceFile(all, withName(readFileSync(all, 'utf8'), name))
  const identity: Identity = { ...foreign.identity, id, name, created: new Date().toISOString() }
  const lab = composeLab(folder, loadDeclaration(folder), identity)
  writeIdentity(folder, identity)
  rotateSecrets(
    folder,
    secretNames.filter((one) => !dataKeys.includes(one)),
  )
  rmSync(join(folder, '.lab/ssh'), { recursive: true, force: true })
  renameNetworks(stateFile(lab, 'nodes'), foreign.lab, lab)
  taintAll(stateFile(lab, 'services'))
  return { identity, lab }
}

/** A name that is none is refused when the declaration is read again. */
const withName = (text: string, name: string) =>
  `${text.replace(/^lab_name[ \t]*:.*\n?/m, '').replace(/\n*$/, '\n')}lab_name: ${JSON.stringify(name)}\n`

type Named = Pick<Foreign['lab'], 'id' | 'networks'>

/** Terraform then finds what the restore has made. */
function renameNetworks(file: string, old: Named, now: Named): void {
  const pairs = (['management', 'provider'] as const).flatMap((network) =>
    (['name', 'bridge'] as const).map((key) => [old.networks[network][key], now.networks[network][key]] as const),
  )
  const [from, to] = [old.networks.vlan?.interface, now.networks.vlan?.interface]
  const known = new Map<unknown, string>([...pairs, [old.id, now.id], ...(from && to ? [[from, to] as const] : [])])
  const text = JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), (_, value) => known.get(value) ?? value)
  replaceFile(file, text)
}

/** All of them have the secrets of the original: without this, `up` would first compare them with the nodes. */
function taintAll(file: string): void {
  const state = JSON.parse(readFileSync(file, 'utf8')) as { resources: { instances: object[] }[] }
  const tainted = (instance: object) => ({ ...instance, status: 'tainted' })
  const resources = state.resources.map((one) => ({ ...one, instances: one.instances.map(tainted) }))
  replaceFile(file, JSON.stringify({ ...state, resources }))
}

/** The layers of the twin by links, which no clean-up of its lab removes; a copy of what nodes write in place. */
export async function shareTwin(
  { id, name }: Save,
  { paths, partial }: { paths: ReturnType<typeof savesPaths>; partial: string },
): Promise<void> {
  const twin = join(paths.base, '..', id)
  await asRoot(
    'share the layers',
    `exec 7<${shellQuote(join(paths.base, '..'))}
flock 7
cd ${shellQuote(partial)}
cp -a --reflink=auto --sparse=auto ${shellQuote(join(twin, 'saves', name))}/{nodes,volumes,checkout.tar} .
install -d -m 0700 ${shellQuote(paths.layers)}
cd ${shellQuote(paths.layers)}
for layer in $(cat ${shellQuote(partial)}/nodes/* | sort -u); do
  at=${shellQuote(join(twin, 'layers'))}/$layer
  if [ -L "$at" ]; then cp -P "$at" .; else ln -s ../../${id}/layers/"$layer" "$layer"; fi
  [ -d "$layer" ] || { echo "$at is missing" >&2; exit 1; }
done`,
  )
}

/** Made by each node for itself, at its first start or in an `up`, where it is not there. */
const removed = ['etc/iscsi/initiatorname.iscsi', 'etc/keystone/fernet-keys']

/**
 * Bash, in the folder of the import: a layer over the others that hides what makes a node this one: the id of the machine,
 * its name for iSCSI, and Keystone's keys of tokens, with which one lab's tokens would be good in another.
 */
export const renewLayer = (layers: string, image: string): string => `cd ${shellQuote(layers)}
own=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \\n')
for path in . etc etc/iscsi etc/keystone; do
  like=${shellQuote(image)}/$path
  for layer in $(cat "$OLDPWD"/nodes/* | tac); do
    if [ -d "$layer/$path" ]; then like=$layer/$path; fi
  done
  install -d "$own/$path"
  if [ -d "$like" ]; then chown --reference="$like" "$own/$path"; chmod --reference="$like" "$own/$path"; fi
done
: >"$own/etc/machine-id"
chmod 0444 "$own/etc/machine-id"
for path in ${removed.join(' ')}; do mknod "$own/$path" c 0 0; done
cd "$OLDPWD"
for list in nodes/*; do { echo "$own"; cat "$list"; } >list.new; mv list.new "$list"; done`
