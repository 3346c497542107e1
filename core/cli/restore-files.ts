import fs from "node:fs/promises"
import path from "node:path"
import { textWithheldError } from "../history/errors.js"
import type { HistoryFolder } from "../history/folder.js"
import type { WholeAttempt } from "../history/read.js"
import { makeFolder } from "../os/make-folder.js"
import { WholeFile } from "./whole-file.js"

export interface RestoredFile {
  readonly file: string
  /** Where the text is kept that stood there before; undefined when there was none. */
  readonly replaced: string | undefined
}

/**
 * Gets ready to put the files of a generation back as they were: throws unless all of them can be had and written. What is
 * replaced is kept. What is imported comes before what imports it, so that whoever watches reads a whole.
 */
export async function prepareRestore(
  history: HistoryFolder,
  { number, sources, withheld }: WholeAttempt,
): Promise<() => Promise<RestoredFile[]>> {
  if (withheld.length > 0) throw textWithheldError(number, withheld)
  const changed: ChangedFile[] = []
  for (const [name, object] of Object.entries(sources).reverse()) {
    const text = await history.get(object)
    const target = path.join(history.root, name)
    const old = await fs.readFile(target, "utf8").catch(() => undefined)
    if (old === text) continue
    makeFolder(path.dirname(target))
    changed.push({ name, file: await WholeFile.at(target), text, old })
  }
  return () => restore(history, changed)
}

interface ChangedFile {
  readonly name: string
  readonly file: WholeFile
  readonly text: string
  readonly old: string | undefined
}

async function restore(history: HistoryFolder, changed: readonly ChangedFile[]): Promise<RestoredFile[]> {
  const restored: RestoredFile[] = []
  for (const { name, file, text, old } of changed) {
    const replaced = old === undefined ? undefined : history.fileOf(await history.put(old))
    await file.write(text)
    restored.push({ file: name, replaced })
  }
  return restored
}
