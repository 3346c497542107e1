/** Rows of cells as lines of text: the first column to the left, the others to the right. A single cell is a heading. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  return aligned(rows, (text, i, width) => (i === 0 ? text.padEnd(width) : text.padStart(width)))
}

/** The same for cells of text: all columns to the left. */
export function textColumns(rows: readonly (readonly string[])[]): string[] {
  return aligned(rows, (text, _i, width) => text.padEnd(width))
}

/** What has no value has a dash. */
export function cell(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits)
}

function aligned(
  rows: readonly (readonly string[])[],
  pad: (text: string, column: number, width: number) => string,
): string[] {
  const widths: number[] = []
  for (const row of rows.filter(({ length }) => length > 1)) {
    for (const [i, text] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, text.length)
  }
  return rows.map((row) =>
    row
      .map((text, i) => pad(text, i, widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  )
}
