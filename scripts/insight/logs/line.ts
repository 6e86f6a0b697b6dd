/** Parses one log line of any program: time, source, level, text. */

import { anyColour } from '../../terminal/colour.ts'
import { type Level, levelOfWord, levels } from './levels.ts'

export interface LogLine {
  /** Milliseconds since 1970. */
  at: number
  node: string
  /** The log's short name: `nova-api`, `apache2-error`, or a systemd unit. */
  from: string
  level: Level
  text: string
}

/** What a line itself contains; without a time it belongs to the line before it. */
interface Said {
  at?: number
  level?: Level
  text: string
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const utc = (year: string, month: string, day: string, time: string) => {
  const number = months.includes(month) ? months.indexOf(month) + 1 : Number(month)
  const two = (part: string | number) => String(part).trim().padStart(2, '0')
  return Date.parse(`${year}-${two(number)}-${two(day)}T${time.trim().padStart(8, '0')}Z`)
}

/** Each format by its pattern, first match wins; a dot also matches a carriage return. Nodes use UTC. */
const forms: readonly { pattern: RegExp; read: (groups: string[]) => Said }[] = [
  {
    // oslo.log: OpenStack's own.
    pattern: /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) \d+ ([A-Z]+) (.*)$/s,
    read: ([day, time, word = '', text = '']) => ({
      at: Date.parse(`${day}T${time}Z`),
      level: levelOfWord(word),
      text,
    }),
  },
  {
    // RabbitMQ.
    pattern: /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+)\+00:00 \[(\w+)\] (.*)$/s,
    read: ([day, time = '', word = '', text = '']) => ({
      at: Date.parse(`${day}T${time.slice(0, 12)}Z`),
      level: levelOfWord(word),
      text,
    }),
  },
  {
    // libvirt, and what it logs about each QEMU.
    pattern: /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})\+0000: (?:\d+: (\w+) : )?(.*)$/s,
    read: ([day, time, word = '', text = '']) => ({
      at: Date.parse(`${day}T${time}Z`),
      level: levelOfWord(word),
      text,
    }),
  },
  {
    // MariaDB, which may write hours with one digit.
    pattern: /^(\d{4})-(\d\d)-(\d\d) +(\d\d?:\d\d:\d\d) \d+ \[(\w+)\] (.*)$/s,
    read: ([year = '', month = '', day = '', time = '', word = '', text = '']) => ({
      at: utc(year, month, day, time),
      level: levelOfWord(word),
      text,
    }),
  },
  {
    // A request that uWSGI has answered; a failed one is an error, whatever level the service gave it.
    pattern: /^\[pid: \d+\|.*?\] (.*?\{.*?\}) \[\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d) (\d{4})\] (.*)$/s,
    read: ([who = '', month = '', day = '', time = '', year = '', text = '']) => ({
      at: utc(year, month, day, time),
      level: / \(HTTP\/\S+ 5\d\d\) /.test(text) ? 'ERROR' : 'INFO',
      text: `${who.split(' ')[0]} ${text}`,
    }),
  },
  {
    // uWSGI's start.
    pattern: /^(\*\*\* .* on) \[\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d) (\d{4})\] \*\*\*$/s,
    read: ([text = '', month = '', day = '', time = '', year = '']) => ({
      at: utc(year, month, day, time),
      text: `${text} ***`,
    }),
  },
  {
    // Apache's errors.
    pattern: /^\[\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d)\.(\d{3})\d* (\d{4})\] \[[^:\]]*:(\w+)\] (.*)$/s,
    read: ([month = '', day = '', time = '', thousandth = '', year = '', word = '', text = '']) => ({
      at: utc(year, month, day, time) + Number(thousandth),
      level: levelOfWord(word),
      text,
    }),
  },
  {
    // Apache's requests.
    pattern: /^(.*?) \[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) [+-]\d{4}\] (.*)$/s,
    read: ([who = '', day = '', month = '', year = '', time = '', text = '']) => ({
      at: utc(year, month, day, time),
      level: /" 5\d\d /.test(text) ? 'ERROR' : 'INFO',
      text: `${who} ${text}`,
    }),
  },
]

/** uWSGI passes on oslo.log's terminal colours. Other control characters are made visible where they are shown. */
const withoutColours = (text: string) => text.replaceAll(anyColour, '')

export function readForm(raw: string): Said {
  const line = withoutColours(raw)
  for (const { pattern, read } of forms) {
    const groups = pattern.exec(line)
    if (groups) return read(groups.slice(1))
  }
  return { text: line }
}

interface JournalEntry {
  __REALTIME_TIMESTAMP?: string
  PRIORITY?: string
  _SYSTEMD_UNIT?: string
  SYSLOG_IDENTIFIER?: string
  /** Bytes if it is not text. */
  MESSAGE?: string | number[] | null
}

/** syslog's numbers, 0 to 7. */
const priorities: readonly Level[] = ['CRITICAL', 'CRITICAL', 'CRITICAL', 'ERROR', 'WARNING', 'INFO', 'INFO', 'DEBUG']

/** From `journalctl -o json`; undefined for a truncated line. */
export function readJournal(json: string): (Omit<LogLine, 'node'> & { unit: string }) | undefined {
  let entry: JournalEntry
  try {
    entry = JSON.parse(json) as JournalEntry
  } catch {
    return undefined
  }
  const { MESSAGE: message, SYSLOG_IDENTIFIER: identifier = '', PRIORITY: priority, _SYSTEMD_UNIT: unit = '' } = entry
  const text = typeof message === 'string' ? message : Buffer.from(message ?? []).toString('utf8')
  const name = unit.replace(/\.service$/, '')
  return {
    at: Math.floor(Number(entry.__REALTIME_TIMESTAMP) / 1000),
    from: name && !name.startsWith('session') && !name.startsWith('init') ? name : identifier,
    level: priorities[Number(priority ?? 6)] ?? 'INFO',
    text: withoutColours(text).trimEnd(),
    unit: name,
  }
}

/** Lines of one file, in its order: a line without a time belongs to the line before it. */
export class FileReader {
  private last: { at: number; level: Level } | undefined

  constructor(
    private readonly node: string,
    private readonly from: string,
  ) {}

  /** Undefined before the first line with a time. */
  take(raw: string): LogLine | undefined {
    const { at, level, text } = readForm(raw)
    // uWSGI writes a request when it is answered, with the second in which it came: the file's order is more accurate.
    if (at !== undefined) this.last = { at: Math.max(at, this.last?.at ?? 0), level: level ?? 'INFO' }
    if (!this.last) return undefined
    return { node: this.node, from: this.from, ...this.last, text: text.trimEnd() }
  }
}

export const isAtLeast = (line: LogLine, level: Level) => levels.indexOf(line.level) >= levels.indexOf(level)
