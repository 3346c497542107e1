/** Rows of cells as lines of text: the first column to the left, the others to the right. A single cell is a heading. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows.filter(({ length }) => length > 1)) {
    for (const [i, text] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, text.length)
  }
  return rows.map((row) =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  )
}

/** What has no value has a dash. */
export function cell(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits)
}
