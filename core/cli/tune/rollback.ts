import type { JournalEntry } from "../../tuning/journal.js"
import { openMachine } from "../../tuning/machine.js"
import { describeUndone } from "../../tuning/tell.js"
import type { CliEnvironment } from "../environment.js"
import { openJournals } from "./desk.js"

export interface TuneRollbackOptions {
  /** Print the commands that would do it, and do nothing. */
  readonly print: boolean
  readonly json: boolean
}

/** Puts back what `veloz tune apply` has set, and what killed engines have left. Returns 1 when some of it could not be. */
export async function tuneRollback({ print, json }: TuneRollbackOptions, environment: CliEnvironment): Promise<number> {
  const { stdout } = environment
  const journals = openJournals(environment)
  if (print) {
    const lines = journals.exist()
      ? journals.exclusively(() => journals.abandoned()).flatMap(({ entry }) => commandsOf(entry))
      : []
    stdout.write(lines.length === 0 ? "# nothing to put back\n" : `${lines.join("\n")}\n`)
    return 0
  }
  const nothing = { undone: [], elsewhere: [], living: [] }
  const { undone, elsewhere, living } = journals.exist()
    ? journals.exclusively(() => journals.recover(["engine", "cli"]))
    : nothing
  const lines = [
    ...undone.map(describeUndone),
    ...elsewhere.map(
      ({ entry, owner }) => `${entry.id} was set in another network namespace (${owner.netns}): run it there`,
    ),
    ...living.map(
      ({ entry, owner }) =>
        `${entry.id} belongs to ${owner.name} (process ${owner.pid}), which runs, and puts it back when it ends`,
    ),
  ]
  const outcome = {
    undone: undone.map(({ id, outcome, found, original }) => ({ id, outcome, found, original })),
    elsewhere: elsewhere.map(({ entry }) => entry.id),
    living: living.map(({ entry }) => entry.id),
  }
  stdout.write(
    json
      ? `${JSON.stringify(outcome, null, 2)}\n`
      : `${lines.length === 0 ? "nothing to put back" : lines.join("\n")}\n`,
  )
  return undone.some(({ outcome }) => outcome === "failed") ? 1 : 0
}

/** What a shell would do: for who wants to see it first, or has lost VeloZ. */
function commandsOf({ id, files }: JournalEntry): string[] {
  const machine = openMachine()
  return [
    `# ${id}`,
    ...files.map(({ path, original, ours }) => {
      const isWritable = machine.isWritable(path) && ours.length > 0
      return `${isWritable ? "" : "# "}printf '%s' ${quoted(original)} > ${quoted(path)}`
    }),
  ]
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
