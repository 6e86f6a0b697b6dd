/** Shortens lines that are too long. */

/**
 * At most `width` characters, the last of them a sign that there were more; no character is cut in two. A terminal that
 * does not know its width says 0: then the text stays whole.
 */
export function cut(text: string, width: number): string {
  if (width <= 0 || text.length <= width) return text
  return `${text.slice(0, width - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
