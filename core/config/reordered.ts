/** Of the names that stay, those that stand elsewhere among them than before, in their new order. */
export function reordered(before: readonly string[], after: readonly string[]): string[] {
  const stood = before.filter((name) => after.includes(name))
  return after.filter((name) => before.includes(name)).filter((name, index) => name !== stood[index])
}
