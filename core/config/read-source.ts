import { extname } from "node:path"
import type { Located } from "./errors.js"
import type { ConfigPath } from "./path.js"
import { codeFrame } from "./place.js"
import { readText } from "./read-text.js"
import { failedSource, type Locate, type Source, type SourceContext } from "./source.js"
import { readJson } from "./source-json.js"
import { readScript } from "./source-script.js"

/** Reads a configuration or a preset, in whatever format the file has. Never throws for what the file says. */
export async function readSource(file: string, context: SourceContext): Promise<Source> {
  if (!isDataFile(file)) return readScript(file, context)
  const read = await readText(file)
  if ("problem" in read) return failedSource(file, [file], [read.problem])
  const { text } = read
  // The YAML library is loaded for those who write YAML: the others start sooner.
  const reading =
    extname(file) === ".json" ? readJson(file, text) : (await import("./source-yaml.js")).readYaml(file, text)
  return {
    file,
    value: reading.value,
    files: [file],
    problems: reading.problems,
    locate: (path, part = "value") => locateNear(file, text, reading.locate, path, part),
  }
}

/** A file that is data, and no code. */
export function isDataFile(file: string): boolean {
  return [".json", ".yaml", ".yml"].includes(extname(file))
}

/** The place of a path, or of the closest thing around it that the text has. */
function locateNear(file: string, text: string, locate: Locate, path: ConfigPath, part: "key" | "value"): Located {
  for (let length = path.length; length > 0; length--) {
    const found = locate(path.slice(0, length), length === path.length ? part : "key")
    if (found !== undefined) return { file, ...found, frame: codeFrame(text, found.line, found.column) }
  }
  return { file }
}
