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
 * have left, and every layer that is in no list. The caller holds the lab's lock. Nothing happens where nothing was saved.
 */
export async function removeSaves(lab: Kept, names: readonly string[] = []): Promise<void> {
  names.forEach(checkSaveName)
  const { base, saves, layers } = savesPaths(lab)
  await runOnHost('bash', ['-s'], {
    step: 'remove saves and layers that are not needed',
    root: true,
    input: `set -eu
shopt -s nullglob
base=${shellQuote(base)} saves=${shellQuote(saves)} layers=${shellQuote(layers)} data=${shellQuote(lab.paths.data)}
[ -d "$base" ] || exit 0
rm -rf --one-file-system "$saves"/.*.partial "$saves"/.*.removed
for name in ${names.join(' ')}; do
  if [ -e "$saves/$name" ]; then mv -T "$saves/$name" "$saves/.$name.removed"; fi
done
rm -rf --one-file-system "$saves"/.*.removed
lists=("$saves"/*/nodes/* "$data"{,/before,/restoring}/nodes/*/{layers{,.next,.merged},memory})
kept=" "
for list in "\${lists[@]}"; do
  [ -f "$list" ] || continue
  while read -r layer; do kept+="$layer "; done <"$list"
done
for path in "$layers"/*; do
  case $kept in *" \${path##*/} "*) ;; *) rm -rf --one-file-system "$path" ;; esac
done
rmdir "$layers" "$saves" "$base" "\${base%/*}" "\${base%/*/*}" 2>/dev/null || :
`,
    timeoutSeconds: timeouts.machine.layers.seconds,
  })
}
