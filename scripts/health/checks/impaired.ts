/** Instances whose network `./lab impair` makes worse for a time: a transient unit on their node, named after each. */

import { showAge } from '../../terminal/amounts.ts'

/** Without `.service`. */
export const impairUnit = (server: string) => `duostack-impair-${server}`

export interface Impaired {
  /** Nova's id. */
  server: string
  /** Until it ends by itself. */
  seconds: number
  /** `rate 1mbit, delay 100ms` */
  how: string
}

/** What the unit is described with; `until`: Unix time on its node. */
export const describeUnit = (server: string, until: string, how: string) => `impair ${server} ${until} ${how}`

/** bash that prints a line for each. The units' files are looked at, for where there is none it costs nothing. */
export const showImpaired = `
for file in /run/systemd/transient/duostack-impair-*.service; do
  [ ! -e "$file" ] || sed -n 's/^Description=//p' "$file"
done | while read -r word server until how; do echo "$word $server $((until - $(date +%s))) $how"; done`

export const parseImpaired = (text: string): Impaired[] =>
  [...text.matchAll(/^impair ([0-9a-f-]{36}) (-?\d+) (.+)$/gm)].map(([, server = '', seconds, how = '']) => ({
    server,
    seconds: Math.max(0, Number(seconds)),
    how,
  }))

export const describeImpaired = ({ how, seconds }: Impaired) =>
  `made worse by ./lab impair: ${how}, for ${showAge(seconds)} more`

export const endImpaired = (server: string) => `./lab impair ${server} --off`
