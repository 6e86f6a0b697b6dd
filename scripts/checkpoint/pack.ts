/** The way of everything large into a file: by tar as root, compressed by zstd, saying how far it is. Pieces of shell scripts. */

import { rootPrefixInShell } from '../run/process.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** What a save's disks need of extended attributes: an overlay's own, and the capabilities of programs. */
export const keptAttributes = ['trusted.overlay.*', 'security.capability']
  .map((name) => `--xattrs-include=${shellQuote(name)}`)
  .join(' ')

/**
 * Bash: what the array `what` names, tar's words, has `$total` bytes. tar only counts, and reads no more than what has holes:
 * the file system's own word for where they are depends on what of a file is in memory, and the second time it is another.
 */
export const countInShell = `pack() { tar --xattrs ${keptAttributes} --numeric-owner --sparse --hole-detection=raw "$@" "\${what[@]}"; }
total=$(pack --totals -cf /dev/null 2>&1 | sed -n 's/^Total bytes written: \\([0-9]*\\).*/\\1/p')`

/** Bash, after that: writes it to stdout and says every 256 MiB how far it is. `first`: tar's words for what comes first. */
export const writeInShell = (first = '') =>
  `pack --checkpoint=25600 --checkpoint-action=exec="echo \\"read \\$((TAR_CHECKPOINT / 100)) of $((total / 1048576)) MiB\\" >&2" \\
  -cf - ${first}`

/** Passes what `writeInShell` says to a step's note. */
export const noteRead = (note: (detail: string) => void) => (line: string) => {
  const [, read] = /^read (\d+ of \d+ MiB)$/.exec(line) ?? []
  if (read) note(read)
}

/**
 * A script whose file `to` is what the script `inRoot` writes, compressed. `seal`: encrypts it. zstd and age end with this
 * program, and tar with them: what is still being written must not become part of the next file.
 */
export const compressFromRoot = (inRoot: string, to: string, seal?: string): string => `set -euo pipefail
umask 077
rm -f ${shellQuote(to)}
${rootPrefixInShell()}bash -c ${shellQuote(inRoot)} | setpriv --pdeathsig TERM zstd -q -3 -T0 -c${seal ? ` | setpriv --pdeathsig TERM ${seal}` : ''} >${shellQuote(to)}
`
