// Pages of docs/ with tables that are made: what stands between a line `<!-- made from SOURCE: NAME -->` and `<!-- end -->`.
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

/** Fills in the regions of a page by name. With --check nothing is written, and the exit code is 1 on drift. */
export async function fillRegions(page, source, makers) {
  const region = new RegExp(`^(<!-- made from ${source}: (\\w+) -->)\\n.*?^<!-- end -->$`, "gms")
  const found = await readFile(page, "utf8")
  const wanted = found.replaceAll(region, (_region, begin, name) => `${begin}\n\n${makers[name]()}\n\n<!-- end -->`)
  if (!process.argv.includes("--check")) await writeFile(page, wanted)
  else if (found !== wanted) {
    console.error(`${fileURLToPath(page)} does not fit ${source}. Run: npm run generate`)
    process.exitCode = 1
  }
}

export function row(cells) {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`
}

export function code(text) {
  return `\`${text}\``
}
