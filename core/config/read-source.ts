import { readFile } from "node:fs/promises"
import { extname } from "node:path"
import type { Located } from "./errors.js"
import type { ConfigPath } from "./path.js"
import { codeFrame } from "./place.js"
import { failedSource, type Locate, type Source, type SourceContext, unreadable } from "./source.js"
import { readJson } from "./source-json.js"
import { readScript } from "./source-script.js"

/** Reads a configuration or a preset, in whatever format the file has. Never throws for what the file says. */
export async function readSource(file: string, context: SourceContext): Promise<Source> {
  const extension = extname(file)
  if (extension !== ".json" && extension !== ".yaml" && extension !== ".yml") return readScript(file, context)
  let text: string
  try {
    text = await readFile(file, "utf8")
  } catch (error) {
    return failedSource(file, [file], [unreadable(file, error)])
  }
  // The YAML library is loaded for those who write YAML: the others start sooner.
  const reading = extension === ".json" ? readJson(file, text) : (await import("./source-yaml.js")).readYaml(file, text)
  return {
    file,
    value: reading.value,
    files: [file],
    problems: reading.problems,
    locate: (path, part = "value") => locateNear(file, text, reading.locate, path, part),
  }
}

/** The place of a path, or of the closest thing around it that the text has. */
function locateNear(file: string, text: string, locate: Locate, path: ConfigPath, part: "key" | "value"): Located {
  for (let length = path.length; length > 0; length--) {
    const found = locate(path.slice(0, length), length === path.length ? part : "key")
    if (found !== undefined) return { file, ...found, frame: codeFrame(text, found.line, found.column) }
  }
  return { file }
}
