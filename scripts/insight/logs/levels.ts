/** Log levels by oslo.log's names, and what other programs call them. */

export const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type Level = (typeof levels)[number]

const words: Readonly<Record<string, Level>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  audit: 'INFO',
  note: 'INFO',
  notice: 'INFO',
  warn: 'WARNING',
  warning: 'WARNING',
  error: 'ERROR',
  crit: 'CRITICAL',
  critical: 'CRITICAL',
  alert: 'CRITICAL',
  emerg: 'CRITICAL',
}

export function levelOfWord(word: string): Level {
  return words[word.toLowerCase()] ?? 'INFO'
}
