/**
 * What saves have kept of container nodes: read-only layers between the node image and a node's own changes. Clones of a
 * save share them; a node never writes to one.
 */

import { fileURLToPath } from 'node:url'
import type { Lab } from '../declaration/lab.ts'
import { asRoot } from '../run/as-root.ts'
import { savesPaths } from '../run/paths.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { carriage } from './container-carriage.ts'
import { containerPaths } from './container-xml.ts'
import { mostLayers, namesOf, newLayer } from './layers.ts'
import type { Checkpoint } from './node-kind.ts'

export const checkpoint: Checkpoint = {
  entries: ['nodes', 'volumes'],
  carriage,
  prepare,
  keep,
  layDown,
  release,
}

type Layered = Pick<Lab, 'id' | 'paths'>

/** Bash: `root` is mounted no more. A process that is being ended holds it for a moment. */
export const unmountRoot = `for try in {1..20}; do
  mountpoint -q "$root" || break
  umount "$root" 2>/dev/null || sleep 0.1
done
if mountpoint -q "$root"; then umount -l "$root"; fi`

/**
 * Bash: `settle LIST`. A save that was killed is finished where its layer is there, and taken back where the changes are
 * still in their place. Layers that were merged for a save are of no use after it: they lack its layer.
 */
const settleList = `settle() {
  local newest=
  [ -e "$1.next" ] || return 0
  read -r newest <"$1.next" || newest=
  if [ -n "$newest" ] && [ -d "$layers/$newest" ]; then rm -f "$1.merged"; mv -f "$1.next" "$1"; else rm -f "$1.next"; fi
}`

/**
 * Bash: sets `lower` to what a node's changes lie on. Layers by their short names, in their folder: a newer mount takes no
 * more than 255 characters.
 */
export function findLower(lab: Layered, node: string, image: string): string {
  const { layers: list } = containerPaths(lab, node)
  const { layers } = savesPaths(lab)
  return `list=${shellQuote(list)} layers=${shellQuote(layers)} lower=
  ${settleList}
  settle "$list"
  if [ -e "$list" ]; then
    cd "$layers"
    while read -r layer; do
      [ -d "$layer" ] || { echo "$layers/$layer is missing: ${node} was saved in it" >&2; exit 1; }
      lower+=$layer:
    done <"$list"
  fi
  # What was imported has an image of its own at the end of the list.
  case ":$lower" in
    *:base-*) lower=\${lower%:} ;;
    *) [ -d ${shellQuote(image)} ] || { echo ${shellQuote(`the node image ${image} is not there: ./lab up makes it`)} >&2; exit 1; }; lower+=${shellQuote(image)} ;;
  esac`
}

/**
 * Copies the layers of a node that has many into one, for the next save; older saves keep theirs. The image that an
 * imported node brought stays what it is, at the end of the list.
 */
async function prepare(lab: Lab): Promise<void> {
  const merge = fileURLToPath(new URL('merge-layers.py', import.meta.url))
  await asRoot(
    'merge the layers of earlier saves',
    `nodes=${shellQuote(`${lab.paths.data}/nodes`)} layers=${shellQuote(savesPaths(lab).layers)}
${newLayer}
for node in ${namesOf(lab)}; do
  list=$nodes/$node/layers
  [ -e "$list" ] || continue
  mapfile -t names < <(grep -v '^base-' "$list")
  if [ -e "$list.merged" ] || ((\${#names[@]} < ${mostLayers})); then continue; fi
  merged=$(new_layer)
  rm -rf "$layers/$merged.partial"
  (cd "$layers"; python3 ${shellQuote(merge)} "$merged.partial" "\${names[@]}")
  mv -T "$layers/$merged.partial" "$layers/$merged"
  { echo "$merged"; grep '^base-' "$list" || :; } >"$list.merged.new"
  mv -f "$list.merged.new" "$list.merged"
done
`,
  )
}

/**
 * The lab's folder may be a mount of itself, across which nothing can be renamed: it is taken off in a namespace of this
 * script's own. The list with the new layer is written first, so that a save that was killed can be finished.
 */
async function keep(lab: Lab, folder: string): Promise<void> {
  await release(lab)
  await asRoot(
    "keep the nodes' disks",
    `data=${shellQuote(lab.paths.data)} layers=${shellQuote(savesPaths(lab).layers)} folder=${shellQuote(folder)}
if mountpoint -q "$data"; then umount -l "$data"; fi
install -d -m 0700 "$layers"
[ -d "$data/nodes" ] && [ "$(stat -c %d "$data/nodes")" = "$(stat -c %d "$layers")" ] || {
  echo "$data is on a file system of its own: a save has to be on the same one as $layers" >&2; exit 1
}
install -d -m 0755 "$folder/nodes"
${newLayer}
${settleList}
for node in ${namesOf(lab)}; do
  base=$data/nodes/$node new=$(new_layer)
  rest=$base/layers
  settle "$rest"
  install -d -m 0755 "$base/upper"
  if [ -e "$rest.merged" ]; then rest=$rest.merged; fi
  { echo "$new"; if [ -e "$rest" ]; then cat "$rest"; fi; } >"$base/layers.next"
  mv -T "$base/upper" "$layers/$new"
  rm -f "$base/layers.merged"
  mv -f "$base/layers.next" "$base/layers"
  rm -rf "$base/work"
  cp "$base/layers" "$folder/nodes/$node"
done
cp -a --reflink=auto --sparse=auto "$data/volumes" "$folder/volumes"
`,
    { ownMounts: true },
  )
}

/** What nodes write in place is copied: the volumes. Each node gets the layers of the save and nothing above them. */
async function layDown(lab: Lab, folder: string, to: string): Promise<void> {
  await asRoot(
    'lay down the disks of the save',
    `folder=${shellQuote(folder)} to=${shellQuote(to)} layers=${shellQuote(savesPaths(lab).layers)}
install -d -m 0700 "$to" "$to/nodes"
for node in ${namesOf(lab)}; do
  while read -r layer; do
    [ -d "$layers/$layer" ] || { echo "$layers/$layer is missing, which this save needs" >&2; exit 1; }
  done <"$folder/nodes/$node"
  install -d -m 0755 "$to/nodes/$node"
  cp "$folder/nodes/$node" "$to/nodes/$node/layers"
done
cp -a --reflink=auto --sparse=auto "$folder/volumes" "$to/volumes"
`,
  )
}

async function release(lab: { paths: Pick<Lab['paths'], 'data'> }): Promise<void> {
  await asRoot(
    "unmount the nodes' roots",
    `shopt -s nullglob
for root in ${shellQuote(lab.paths.data)}/nodes/*/root; do
${unmountRoot}
done
`,
  )
}
