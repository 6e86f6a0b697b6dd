/** Removes saves, and the layers that neither a save nor a node needs any more. */

import type { LabHandle } from '../declaration/lab.ts'
import { savesPaths } from '../run/paths.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { checkSaveName } from './saves.ts'

type Kept = Pick<LabHandle, 'id'> & { paths: Pick<LabHandle['paths'], 'data'> }

/**
 * `names`: saves that are removed first, renamed before, so that half a save is never listed. Then what killed commands
 * have left, and every layer that is in no list, also of labs that are gone. The caller holds the lab's lock. Nothing happens where nothing was saved.
 */
export async function removeSaves(lab: Kept, names: readonly string[] = []): Promise<void> {
  names.forEach(checkSaveName)
  const { base, saves } = savesPaths(lab)
  await runOnHost('bash', ['-s'], {
    step: 'remove saves and layers that are not needed',
    root: true,
    input: `set -eu
shopt -s nullglob
base=${shellQuote(base)} saves=${shellQuote(saves)} data=${shellQuote(lab.paths.data)}
all=\${base%/*}
[ -d "$base" ] || exit 0
# An import may be about to share layers.
exec 7<"$all"
flock 7
rm -rf --one-file-system "$saves"/.*.partial "$saves"/.*.removed
for name in ${names.join(' ')}; do
  if [ -e "$saves/$name" ]; then mv -T "$saves/$name" "$saves/.$name.removed"; fi
done
rm -rf --one-file-system "$saves"/.*.removed
# Of one lab: layers that are in none of its lists, and that no other lab shares.
sweep() {
  local id=$1 kept=" " list layer path
  for list in "$all/$id"/saves/*/nodes/* "\${data%/*}/$id"{,/before,/restoring}/nodes/*/{layers{,.next,.merged},memory}; do
    [ -f "$list" ] || continue
    while read -r layer; do kept+="$layer "; done <"$list"
  done
  for path in "$all"/*/layers/*; do
    if [ -L "$path" ]; then
      layer=$(readlink "$path")
      if [ "$layer" = "../../$id/layers/\${layer##*/}" ]; then kept+="\${layer##*/} "; fi
    fi
  done
  for path in "$all/$id"/layers/*; do
    case $kept in *" \${path##*/} "*) ;; *) rm -rf --one-file-system "$path" ;; esac
  done
  rmdir "$all/$id/layers" "$all/$id/saves" "$all/$id" 2>/dev/null || :
}
sweep "\${base##*/}"
# Labs that are gone, with all their saves, and of which others had shared layers.
for other in "$all"/*; do
  id=\${other##*/} left=("$other"/saves/* "$other"/saves/.[!.]*)
  if [ ! -e "\${data%/*}/$id" ] && ((\${#left[@]} == 0)); then sweep "$id"; fi
done
rmdir "$all" "\${all%/*}" 2>/dev/null || :
`,
    timeoutSeconds: timeouts.machine.layers.seconds,
  })
}
