/** The disks in an unpacked file, judged as root: nothing but what a save has, and nothing that is more than a file. */

import { asRoot } from '../run/as-root.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** Throws CommandError with what is wrong. */
export const judgeTrees = (partial: string, nodes: readonly string[]) =>
  asRoot('check the disks of the import', script(partial, nodes))

const script = (partial: string, nodes: readonly string[]) => `cd ${shellQuote(partial)}
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
[ "$(find nodes -mindepth 1 | wc -l)" = ${nodes.length} ] || fail 'other nodes than those of its configuration'
for folder in volumes volumes/shared; do [ -d "$folder" ] && [ ! -L "$folder" ] || fail 'no folder of volumes'; done
[ "$(find volumes -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || fail 'more than the folder of volumes'
for node in ${nodes.map(shellQuote).join(' ')}; do
  list=nodes/$node
  [ -f "$list" ] && [ ! -L "$list" ] && [ "$(stat -c %s "$list")" -lt 1000 ] || fail 'a node without its list of layers'
  while read -r layer; do
    [[ $layer =~ ^(base-)?[0-9a-f]{8}$ ]] && [ -d "$layer" ] || fail 'a layer that is not there'
  done <"$list"
done`
