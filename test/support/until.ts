/** Resolves once `isSo` holds; fails the test when that has not come about in ten seconds. */
export async function until(isSo: () => unknown, what = "what the test waits for"): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`${what} never happened`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
