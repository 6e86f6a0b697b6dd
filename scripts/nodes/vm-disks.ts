/**
 * What saves keep of virtual machines: a node's disk becomes read-only below a new overlay of the same path, so that
 * neither libvirt nor Terraform sees a difference; its memory lies beside.
 */

import { join } from 'node:path'
import type { Lab, LabHandle } from '../declaration/lab.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { virshInShell } from '../libvirt/virsh.ts'
import { asRoot } from '../run/as-root.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { namesOf, newLayer } from './layers.ts'
import type { Checkpoint } from './node-kind.ts'
import { carriage } from './vm-carriage.ts'
import { aboutDisks, kinds, mergeChains, shorten } from './vm-chain.ts'
import { findHeld, freeze } from './vm-memory.ts'
import { poolOf, savedStates } from './vm-paths.ts'

export const checkpoint: Checkpoint = {
  entries: ['nodes', 'pool'],
  carriage,
  prepare,
  freeze,
  keep,
  layDown,
  note: (lab) => describe(lab, join(lab.paths.data, 'nodes')),
  // They hold nothing but what libvirt lets go.
  release: async () => {},
  findHeld,
}

async function prepare(lab: Lab, folder: string): Promise<void> {
  await describe(lab, join(folder, 'domains'))
  await mergeChains(lab)
}

/** Domains and pool as libvirt knows them, with what Terraform knows them by; one that is not defined keeps what was noted. */
async function describe(lab: LabHandle, to: string): Promise<void> {
  const { name = '', libvirtUris, nodes, paths } = lab
  const ask = (...words: string[]) => virshInShell(libvirtUris.qemu, ...words)
  const descriptions = nodes.map(
    (node) => `install -d -m 0755 "$to"/${shellQuote(node.name)}
note "$to"/${shellQuote(node.name)}/domain.xml ${ask('dumpxml', '--inactive', '--security-info', domainName({ name }, node.name))}`,
  )
  await asRoot(
    'note how the nodes are defined',
    `to=${shellQuote(to)}
install -d -m 0711 "$to"
note() {
  local file=$1; shift
  if "$@" >"$file.new" 2>/dev/null; then mv -f "$file.new" "$file"; else rm -f "$file.new"; fi
}
note "$to/pool.xml" ${ask('pool-dumpxml', poolOf({ name, paths }).name)}
${descriptions.join('\n')}
`,
  )
}

/** For a script with mounts of its own, where the lab's folder is no mount of itself: nothing is linked across one. */
const variables = (lab: Lab) => `${aboutDisks(lab)}
if mountpoint -q "$data"; then umount -l "$data"; fi
# QEMU may run as a user of its own, who has to get to what is his.
install -d -m 0711 "$layers" "$data/nodes"
`

/**
 * Each disk is linked to its second name, and an overlay then takes its first one: whenever it is killed, every disk is
 * whole under its path. The list is written before, so that what a disk lies on is never removed.
 */
async function keep(lab: Lab, folder: string): Promise<void> {
  await asRoot(
    "keep the nodes' disks",
    `${variables(lab)}folder=${shellQuote(folder)} states=${shellQuote(savedStates(lab))}
[ "$(stat -c %d "$data/pool")" = "$(stat -c %d "$layers")" ] || {
  echo "$data is on a file system of its own: a save has to be on the same one as $layers" >&2; exit 1
}
install -d -m 0755 "$folder/nodes" "$folder/pool"
ask() { ${virshInShell(lab.libvirtUri)} "$@"; }
${newLayer}
${shorten}own=" "
for node in ${namesOf(lab)}; do
  base=$data/nodes/$node new=$(new_layer) domain=${shellQuote(lab.name)}-$node
  state=$(ask domstate "$domain")
  [ "$state" = 'shut off' ] || { echo "$node is $state: its disks cannot be kept" >&2; exit 1; }
  install -d -m 0755 "$base"
  shorten "$node"
  settle "$node"
  for kind in ${kinds}; do
    if [ -e "$data/pool/$node-$kind.qcow2" ]; then echo "$new-$kind.qcow2"; fi
  done | cat - "$base/layers" >"$base/layers.new"
  mv -f "$base/layers.new" "$base/layers.next"
  : >"$folder/nodes/$node"
  saved=$states/$domain.save
  if [ -f "$saved" ] && [ ! -L "$saved" ]; then
    # An end of the chain of disks that is written there would be believed, and be wrong from now on.
    ask save-image-dumpxml --security-info "$saved" | sed '/<backingStore\\/>/d' >"$base/saved.xml"
    ask save-image-define "$saved" "$base/saved.xml" >/dev/null
    rm -f "$base/saved.xml"
    echo "$new.memory" >"$base/memory.new"
    ln "$saved" "$layers/$new.memory" 2>/dev/null || cp --sparse=always "$saved" "$layers/$new.memory"
    ln -s "$layers/$new.memory" "$saved.link"
    mv -f "$base/memory.new" "$base/memory"
    mv -T "$saved.link" "$saved"
    echo "$new.memory" >"$folder/nodes/$node"
  fi
  for kind in ${kinds}; do
    disk=$data/pool/$node-$kind.qcow2
    [ -e "$disk" ] || continue
    own+="\${disk##*/} "
    ln "$disk" "$layers/$new-$kind.qcow2"
    overlay "$layers/$new-$kind.qcow2" "$base/overlay"
    chmod --reference "$disk" "$base/overlay"
    chown --reference "$disk" "$base/overlay"
    mv -T "$base/overlay" "$disk"
    chmod 0600 "$layers/$new-$kind.qcow2"
  done
  settle "$node"
  if [ -e "$base/memory" ]; then touch "$base/memory"; fi
  cat "$base/layers" >>"$folder/nodes/$node"
done
# What no node writes to: the image, and the disks that say which node it is.
for file in "$data"/pool/*; do
  case $own in *" \${file##*/} "*) ;; *) ln "$file" "$folder/pool/\${file##*/}" ;; esac
done
`,
    { ownMounts: true },
  )
}

/** Nothing is copied: overlays on the disks of the save. Each domain waits for its start, with the memory of the save. */
async function layDown(lab: Lab, folder: string, to: string): Promise<void> {
  await asRoot(
    'lay down the disks of the save',
    `${variables(lab)}folder=${shellQuote(folder)} to=${shellQuote(to)}
install -d -m 0711 "$to" "$to/nodes" "$to/pool"
for file in "$folder"/pool/*; do ln "$file" "$to/pool/\${file##*/}"; done
cp "$folder/domains/pool.xml" "$to/nodes/pool.xml"
for node in ${namesOf(lab)}; do
  list=$folder/nodes/$node base=$to/nodes/$node
  install -d -m 0755 "$base"
  while read -r layer; do
    [ -e "$layers/$layer" ] || { echo "$layers/$layer is missing, which this save needs" >&2; exit 1; }
  done <"$list"
  { grep -v '\\.memory$' "$list" || :; } >"$base/layers"
  for kind in ${kinds}; do
    disk=$(grep -m 1 -- "-$kind\\.qcow2$" "$list") || continue
    overlay "$layers/$disk" "$to/pool/$node-$kind.qcow2"
  done
  cp "$folder/domains/$node/domain.xml" "$base/domain.xml"
  { grep -m 1 '\\.memory$' "$list" || :; } >"$base/memory"
  [ -s "$base/memory" ] || rm -f "$base/memory"
done
`,
    { ownMounts: true },
  )
}
