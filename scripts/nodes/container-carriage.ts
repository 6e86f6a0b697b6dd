/** A save of containers in an unpacked file: judged as root, nothing but what a save has, and nothing that is more than a file. */

import { asRoot } from '../run/as-root.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { namesOf } from './layers.ts'
import type { Carriage } from './node-kind.ts'

export const carriage: Carriage = {
  image: 'root',
  resources: [],
  hostKeys: 'pair',
  accept: async (lab, folder) => {
    await asRoot('check the disks of the import', script(folder, lab))
  },
}

const script = (folder: string, lab: Parameters<Carriage['accept']>[0]) => `cd ${shellQuote(folder)}
fail() { echo "refused: $1" >&2; exit 1; }
shopt -s dotglob nullglob
for entry in *; do
  [ ! -L "$entry" ] || fail "$entry is a link"
  case $entry in
    manifest.json|checkout.tar) [ -f "$entry" ] || fail "$entry is not a file" ;;
    nodes|volumes|root) [ -d "$entry" ] || fail "$entry is not a folder" ;;
    *) [[ $entry =~ ^(base-)?[0-9a-f]{8}$ ]] && [ -d "$entry" ] || fail 'an entry that no save has' ;;
  esac
done
odd=$(find . \\( -type b -o -type c \\) -exec stat -c '%t:%T' {} + | grep -cvx 0:0 || :)
[ "$odd" = 0 ] || fail 'a device'
[ "$(find nodes -mindepth 1 | wc -l)" = ${lab.nodes.length} ] || fail 'other nodes than those of its configuration'
for folder in volumes volumes/shared; do [ -d "$folder" ] && [ ! -L "$folder" ] || fail 'no folder of volumes'; done
[ "$(find volumes -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || fail 'more than the folder of volumes'
for node in ${namesOf(lab)}; do
  list=nodes/$node
  [ -f "$list" ] && [ ! -L "$list" ] && [ "$(stat -c %s "$list")" -lt 1000 ] || fail 'a node without its list of layers'
  while read -r layer; do
    [[ $layer =~ ^(base-)?[0-9a-f]{8}$ ]] && [ -d "$layer" ] || fail 'a layer that is not there'
  done <"$list"
done
# A stranger's image is a layer of this lab alone.
if [ -d root ]; then
  base=base-$(od -An -N4 -tx1 /dev/urandom | tr -d ' \\n')
  mv -T root "$base"
  for list in nodes/*; do grep -q '^base-' "$list" || echo "$base" >>"$list"; done
fi
for entry in *; do
  if [ -d "$entry" ] && [ "$entry" != nodes ] && [ "$entry" != volumes ]; then
    grep -qxF "$entry" nodes/* || rm -rf --one-file-system "$entry"
  fi
done
chmod 0700 volumes`
