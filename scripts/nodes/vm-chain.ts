/**
 * The chain of disk images that a virtual machine's disk lies on: one more with each save, and merged when it is long. A
 * memory that was saved does not name it: libvirt reads it from the disks when it continues.
 */

import type { Lab } from '../declaration/lab.ts'
import { asRoot } from '../run/as-root.ts'
import { savesPaths } from '../run/paths.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { mostLayers, namesOf, newLayer } from './layers.ts'
import { diskKinds } from './vm-paths.ts'

export const kinds = diskKinds.join(' ')

/** Bash: `$data` and `$layers` of a lab, and what is said of images. */
export const aboutDisks = (lab: Lab) => `set -o pipefail
data=${shellQuote(lab.paths.data)} layers=${shellQuote(savesPaths(lab).layers)}
say() { qemu-img info -U --output=json "$1" | sed -nE 's/^    "'"$2"'": "?([^",]*).*/\\1/p'; }
# The image below need not be in its place yet.
overlay() { qemu-img create -q -f qcow2 -u -b "$1" -F qcow2 "$2" "$(say "$1" virtual-size)"; }
# What a disk lies on, the newest first.
chain() {
  local image
  qemu-img info -U --backing-chain --output=json "$1" | sed -nE 's/^        "filename": "(.*)",?$/\\1/p' |
    while read -r image; do
      if [ "\${image%/*}" = "$layers" ]; then echo "\${image##*/}"; fi
    done
}
# The list of node \`$1\` is what its disks say themselves, whatever was planned before.
settle() {
  local list=$data/nodes/$1/layers kind
  for kind in ${kinds}; do
    if [ -e "$data/pool/$1-$kind.qcow2" ]; then chain "$data/pool/$1-$kind.qcow2"; fi
  done >"$list.new"
  mv -f "$list.new" "$list"
  rm -f "$list.next" "$list.merged"
}
`

/**
 * While the nodes run: copies the images of a disk that lies on many into one, of which `shorten` makes use. Older saves keep
 * theirs. `layers.merged` has the new image and the newest of those that it stands for.
 */
export async function mergeChains(lab: Lab): Promise<void> {
  await asRoot(
    'merge the disks of earlier saves',
    `${aboutDisks(lab)}${newLayer}
for node in ${namesOf(lab)}; do
  list=$data/nodes/$node/layers
  [ -e "$list" ] || continue
  settle "$node"
  rm -f "$list.merged.new"
  for kind in ${kinds}; do
    disk=$data/pool/$node-$kind.qcow2
    [ -e "$disk" ] || continue
    mapfile -t names < <(chain "$disk")
    ((\${#names[@]} >= ${mostLayers})) || continue
    newest=$layers/\${names[0]} oldest=$layers/\${names[-1]} merged=$(new_layer)-$kind.qcow2
    below=$(say "$oldest" backing-filename)
    overlay "$newest" "$layers/$merged.partial"
    qemu-img rebase -q -b "$below" \${below:+-F "$(say "$oldest" backing-filename-format)"} "$layers/$merged.partial"
    chmod --reference "$newest" "$layers/$merged.partial"
    chown --reference "$newest" "$layers/$merged.partial"
    mv -T "$layers/$merged.partial" "$layers/$merged"
    echo "$merged \${names[0]}" >>"$list.merged.new"
  done
  if [ -e "$list.merged.new" ]; then mv -f "$list.merged.new" "$list.merged"; fi
done`,
  )
}

/** Bash: `shorten NODE`, which is off: its disks lie on the merged images, with the same content. Safe to repeat. */
export const shorten = `shorten() {
  local list=$data/nodes/$1/layers merged newest disk
  [ -e "$list.merged" ] || return 0
  while read -r merged newest; do
    disk=$data/pool/$1-\${merged#*-}
    if [ "$(say "$disk" backing-filename)" = "$layers/$newest" ]; then
      qemu-img rebase -q -u -b "$layers/$merged" -F qcow2 "$disk"
    fi
  done <"$list.merged"
  sync "$data"/pool/"$1"-*
}
`
