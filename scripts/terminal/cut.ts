/** Lines that are too long. */

/** At most `width` characters, the last of them a sign that there were more; no character is cut in two. */
export function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1)).replace(/[\ud800-\udbff]$/, '')}…` : text
}
