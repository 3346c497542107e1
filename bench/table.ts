import type { BenchRow } from "./measure.js"

const HEADINGS = ["case", "way", "p50 ns", "p99 ns", "max ns", "bytes", "x veloz"]

/** All rows as one table of text. */
export function formatTable(rows: readonly BenchRow[]): string {
  const cells = rows.map((row, i) => [
    rows[i - 1]?.case === row.case ? "" : `${row.case} (${row.operation})`,
    row.subject,
    formatNs(row.p50Ns),
    formatNs(row.p99Ns),
    row.maxNs === undefined ? "-" : formatNs(row.maxNs),
    row.bytes === null ? "-" : formatBytes(row.bytes),
    row.ratio.toFixed(row.ratio < 0.1 ? 2 : 1),
  ])
  const widths = HEADINGS.map((_, column) => Math.max(...[HEADINGS, ...cells].map((line) => line[column].length)))
  return [HEADINGS, widths.map((width) => "-".repeat(width)), ...cells]
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column], column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

function pad(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width)
}

function formatNs(nanoseconds: number): string {
  return nanoseconds < 100 ? nanoseconds.toFixed(1) : Math.round(nanoseconds).toLocaleString("en-US")
}

function formatBytes(bytes: number): string {
  return bytes < 0.25 ? "0" : bytes < 10 ? bytes.toFixed(1) : Math.round(bytes).toLocaleString("en-US")
}
