/** Formats durations and sizes. */

/** Seconds of each. */
const timeUnits = { d: 86_400, h: 3600, min: 60, s: 1 } as const

/** Seconds of `30s`, `10m`, `10 min`, `2h`, `1d`; undefined for anything else. */
export function parseDuration(given: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+) ?(s|min|m|h|d)$/.exec(given.trim()) ?? []
  return amount ? Number(amount) * { ...timeUnits, m: timeUnits.min }[unit as 'm'] : undefined
}

/** `3 d 4 h`, `12 min`, `40 s`: the two largest units at most. */
export function showAge(seconds: number): string {
  const units = Object.entries(timeUnits)
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  const [name, size] = units[first]!
  const next = units[first + 1]
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0
  return `${Math.floor(seconds / size)} ${name}${rest && name !== 'min' ? ` ${rest} ${next![0]}` : ''}`
}

/** `4.2 s`, `1 min 20 s`. */
export function showDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  return seconds < 60 ? `${seconds.toFixed(1)} s` : inMinutes(Math.round(seconds))
}

/** While it runs whole seconds are enough, and the line does not flicker. */
export function showElapsed(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : inMinutes(seconds)
}

const inMinutes = (seconds: number) => `${Math.floor(seconds / 60)} min ${seconds % 60} s`

/** `1 port`, `2 ports`. */
export const showCount = (amount: number, one: string) => `${amount} ${one}${amount === 1 ? '' : 's'}`

/** Bytes. */
export const gibibyte = 2 ** 30

/** Bytes as `412 MiB`. */
export const showMiB = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`

/** `1.5 GiB` */
export const showGiB = (mebibytes: number) => `${(mebibytes / 1024).toFixed(1)} GiB`
