/** One bash script out of many small ones that look side by side, and its output taken apart again. */

import { heredoc } from '../../engine/operation.ts'

export interface Probe {
  script: string
  /** In real seconds. */
  seconds: number
}

export interface ProbeAnswer {
  /** stdout and stderr. */
  text: string
  /** 124 where the script was ended by its time limit. */
  exitCode: number
}

/** How many look at the same time: most wait for an answer rather than for the processor. */
const sideBySide = 8

/** Each in a bash of its own with an empty stdin; its text goes there through a descriptor, so that it stands in no argv. */
export function composeProbes(probes: readonly Probe[]): string {
  const runs = probes.map(({ script, seconds }, index) => `probe ${index} ${Math.ceil(seconds)} 3${heredoc(script)}`)
  return `
set +e
export LC_ALL=C.UTF-8 SYSTEMD_PAGER= SYSTEMD_COLORS=0
# Here-documents that do not fit into a pipe become files; they may hold secrets, so they stay in this 0700 folder. In
# memory: a full disk is one of the things that are looked for.
work=$(mktemp -dp /dev/shm 2>/dev/null || mktemp -d) || exit 1
TMPDIR=$work
trap 'rm -rf -- "$work"' EXIT
running=0
probe() {
  ((++running <= ${sideBySide})) || { wait -n; ((running--)); }
  { timeout -k 2 "$2" bash -c 'script=$(cat <&3); exec 3<&-; eval "$script"' </dev/null >"$work/$1" 2>&1
    echo $? >"$work/$1.code"; } &
}
${runs.join('\n')}
wait
for ((index = 0; index < ${probes.length}; index++)); do
  printf '@@ %s %s %s\\n' "$index" "$(cat "$work/$index.code")" "$(base64 -w0 "$work/$index")"
done
`
}

/** In the order of the probes; undefined for one of which nothing came. */
export function parseProbes(output: string, count: number): (ProbeAnswer | undefined)[] {
  const answers = new Array<ProbeAnswer | undefined>(count).fill(undefined)
  for (const [, index, code, encoded] of output.matchAll(/^@@ (\d+) (\d+) ?(\S*)$/gm)) {
    answers[Number(index)] = { text: Buffer.from(encoded ?? '', 'base64').toString('utf8'), exitCode: Number(code) }
  }
  return answers
}
