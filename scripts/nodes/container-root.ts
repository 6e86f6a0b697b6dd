/**
 * The root file system of a container node: an overlay of the node's own changes on the image's tree, mounted on the
 * host.
 */

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { findLower, unmountRoot } from './container-layers.ts'
import { containerPaths, sharedVolumes } from './container-xml.ts'

/**
 * Mounts the node's root where it is not mounted, and writes what makes it this node: its identity and its host key,
 * before it can be started. The key travels inside the script, over stdin. libvirt's description lies beside the root.
 */
export async function mountRoot(lab: Lab, node: LabNode, description: string): Promise<void> {
  await runOnHost('bash', ['-s'], {
    step: `${node.name}: mount its root`,
    root: true,
    input: mountScript(lab, node, readIdentityFiles(lab, node), description),
    timeoutSeconds: timeouts.machine.command.seconds,
  })
}

/** Renames it first, so that the remains of a killed removal are never taken for a node. */
export async function removeRoot(lab: Lab, node: Pick<LabNode, 'name'>): Promise<void> {
  const { base, root } = containerPaths(lab, node.name)
  const doomed = `${base}.removed`
  await runOnHost('bash', ['-s'], {
    step: `${node.name}: remove its files`,
    root: true,
    input: `set -eu
root=${shellQuote(root)} base=${shellQuote(base)} doomed=${shellQuote(doomed)}
${unmountRoot}
rm -rf --one-file-system "$doomed"
if [ -e "$base" ]; then mv "$base" "$doomed"; fi
rm -rf --one-file-system "$doomed"
`,
    timeoutSeconds: timeouts.machine.containerRoot.seconds,
  })
}

/** What is put into the tree: path in it -> content and mode. */
type NodeFiles = Record<string, { content: string; mode: string }>

function readIdentityFiles(lab: Lab, node: LabNode): NodeFiles {
  const read = (name: string) => readFileSync(join(lab.paths.ssh, name), 'utf8')
  return {
    '/etc/duostack/identity': { content: renderIdentity(lab, node, read('id_ed25519.pub')), mode: '0644' },
    '/etc/ssh/ssh_host_ed25519_key': { content: read(`${node.name}_host_ed25519`), mode: '0600' },
    '/etc/ssh/ssh_host_ed25519_key.pub': { content: read(`${node.name}_host_ed25519.pub`), mode: '0644' },
  }
}

/** Read by duostack-init and duostack-identity in the node. */
export function renderIdentity(lab: Lab, node: LabNode, authorizedKey: string): string {
  return [
    `LAB=${lab.id}`,
    `NAME=${node.name}`,
    `ADDRESS=${node.address}/${lab.networks.management.prefixLength}`,
    `AUTHORIZED_KEY=${authorizedKey.trim()}`,
    ...lab.nodes.filter((one) => one !== node).map((one) => `HOST=${one.address} ${one.name}`),
    '',
  ].join('\n')
}

function mountScript(lab: Lab, node: LabNode, files: NodeFiles, description: string): string {
  const paths = containerPaths(lab, node.name)
  const { base, upper, work, root } = paths
  const quoted = (path: string) => shellQuote(path)
  const image = join(lab.paths.image, 'root')
  const puts = Object.entries(files).map(
    ([path, { content, mode }]) =>
      `put ${quoted(path)} ${mode} <<'DUOSTACK-END'\n${content.endsWith('\n') ? content : `${content}\n`}DUOSTACK-END`,
  )
  return `set -eu
root=${quoted(root)}
install -d -m 0711 ${[join(base, '../../..'), join(base, '../..')].map(quoted).join(' ')}
# A file in a node is for users of the node, of whom this machine's have the numbers.
install -d -m 0700 ${[join(base, '..'), dirname(sharedVolumes(lab))].map(quoted).join(' ')}
install -d -m 0755 ${[base, upper, work, root, sharedVolumes(lab)].map(quoted).join(' ')}
if ! mountpoint -q "$root"; then
  ${findLower(lab, node.name, image)}
  mount -t overlay duostack-${lab.id}-${node.name} -o "lowerdir=$lower",${quoted(`upperdir=${upper},workdir=${work}`)} "$root"
fi
# What a node's root has made of these must not lead us elsewhere on this machine.
for path in etc etc/duostack etc/ssh; do
  if [ -L "$root/$path" ]; then echo "/$path is a link on ${node.name}: nothing is written through it" >&2; exit 1; fi
done
# Written only where different, so that a node that is started again keeps its files' times.
put() {
  rm -f "$root$1.duostack"
  cat > "$root$1.duostack"
  if cmp -s "$root$1.duostack" "$root$1"; then rm "$root$1.duostack"; return; fi
  chmod "$2" "$root$1.duostack"
  mv "$root$1.duostack" "$root$1"
}
printf %s ${quoted(description)} > ${quoted(paths.description)}
umask 077
install -d -m 0755 "$root/etc/duostack"
${puts.join('\n')}
`
}
