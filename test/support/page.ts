/**
 * What a page asks of its reader, by the words behind the three backticks of a block.
 *
 * - `sh run`: commands, one a line; a line that ends with a backslash goes on in the next
 * - `sh start`: the engine that runs is stopped, and started in this way
 * - `sh fails`: a command that ends with 1
 * - `sh watch`: a command that goes on while the reader does, in a second terminal
 * - `ts save`: the plugins of veloz.config.ts are edited to this
 * - `text seen`: lines that appear then, in the log, the second terminal or as an error. Numbers may differ, and `...`
 *   stands for anything
 */
export type StepKind = "run" | "start" | "fails" | "watch" | "save" | "seen"

export interface Step {
  readonly kind: StepKind
  readonly text: string
}

export function stepsOf(page: string): Step[] {
  return [...page.matchAll(/^```(?:sh|ts|text) (run|start|fails|watch|save|seen)\n(.*?)^```$/gms)].flatMap(
    ([, kind, block]): Step[] =>
      kind === "run" ? commandsOf(block).map((text) => ({ kind, text })) : [{ kind: kind as StepKind, text: block }],
  )
}

/** Comments are left out. */
function commandsOf(block: string): string[] {
  const lines = block.replaceAll("\\\n", " ").split("\n")
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))
}
