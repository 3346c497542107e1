/** A language service as an editor drives it, over one file at a time. Places are offsets into the text. */
export interface Editor {
  open(file: string, text: string): Promise<void>
  /** The text of an open file is another now. */
  change(file: string, text: string): Promise<void>
  completions(file: string, offset: number): Promise<string[]>
  hover(file: string, offset: number): Promise<string>
  /** What is wrong with the file, a sentence each. */
  problems(file: string): Promise<string[]>
  /** Another process has written a file that this service read: what an editor that watches files tells it. */
  fileChanged(file: string): Promise<void>
  close(): Promise<void>
}

/** A text with a cursor in it, written as `|`. */
export function cursor(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf("|")
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset }
}

/** Line and column of an offset, from 0. */
export function positionOf(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset).split("\n")
  return { line: before.length - 1, character: before[before.length - 1].length }
}

/** Looks until it is so, since servers read changed files in their own time. */
export async function eventually<T>(look: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
  let found = await look()
  for (let attempt = 0; attempt < 200 && !isSo(found); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    found = await look()
  }
  return found
}
