/** Formats rows of text as columns. */

interface Look {
  indent?: string
  /** From this column on cells are numbers, which end in one line. */
  numbersFrom?: number
}

/** Columns as wide as their widest cell. */
export function table(
  rows: readonly (readonly string[])[],
  { indent = '  ', numbersFrom = Number.POSITIVE_INFINITY }: Look = {},
): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    column < numbersFrom ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => `${indent}${row.map(pad).join('  ')}`.trimEnd())
}
