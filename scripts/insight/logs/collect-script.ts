/** The bash script that prints a node's logs: lines of files and of the journal, each with its source. */

import { shellQuote } from '../../terminal/shell-quote.ts'

export interface Collect {
  /** Shell patterns. */
  files: readonly string[]
  /** Milliseconds since 1970; absent: everything. */
  since?: number
  follow: boolean
}

/** `2026-11-24 06:30:00`, as log lines begin. */
const stamp = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/**
 * Prints a file from the first line that is new enough; the formats of time are those of `line.ts`. Lines without a
 * time belong to the line before them. mawk supports neither `{n}` nor captures.
 */
const awk = `
function two(n) { return n < 10 ? "0" (n + 0) : n }
function month(name) { return two((index("JanFebMarAprMayJunJulAugSepOctNovDec", name) + 2) / 3) }
function time(line,  part, word) {
  if (line ~ /^20[0-9][0-9]-[01][0-9]-[0-3][0-9] +[0-9]/) {
    split(line, word, " "); part = word[2]; if (part ~ /^[0-9]:/) part = "0" part
    return word[1] " " substr(part, 1, 8)
  }
  if (match(line, /\\[[A-Z][a-z][a-z] [A-Z][a-z][a-z] +[0-9]+ [0-9:.]+ 20[0-9][0-9]\\]/)) {
    split(substr(line, RSTART + 1, RLENGTH - 2), word, " ")
    return word[5] "-" month(word[2]) "-" two(word[3]) " " substr(word[4], 1, 8)
  }
  if (match(line, /\\[[0-3][0-9]\\/[A-Z][a-z][a-z]\\/20[0-9][0-9]:[0-9:]+/)) {
    part = substr(line, RSTART + 1, RLENGTH - 1)
    return substr(part, 8, 4) "-" month(substr(part, 4, 3)) "-" substr(part, 1, 2) " " substr(part, 13, 8)
  }
  return ""
}
!open && since == "" { open = 1 }
!open { found = time($0); if (found != "" && found >= since) open = 1 }
open { print tag $0; fflush() }
`

/** Lines `F PATH LINE` and `J JSON`. */
export function collectScript({ files, since, follow }: Collect): string {
  const begin = since === undefined ? '' : stamp(since)
  const journal = ['--no-pager', '-q', '-o json', '--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER']
  if (since !== undefined) journal.push(`--since=@${Math.floor(since / 1000)}`)
  return `
shopt -s nullglob
since=${shellQuote(begin)} program=${shellQuote(awk)}
hand_over() { awk -v since="$since" -v tag="F $1 " "$program"; }
${follow ? 'journalctl -f' : 'journalctl'} ${journal.join(' ')} | sed -u 's/^/J /' &
for file in ${files.join(' ')}; do
  ${
    follow
      ? 'tail -q -n 20000 -F "$file" 2>/dev/null | hand_over "$file" &'
      : '[ -s "$file" ] || continue\n  for old in "$file.1"; do [ -s "$old" ] && hand_over "$file" <"$old"; done\n  hand_over "$file" <"$file"'
  }
done
wait`
}
