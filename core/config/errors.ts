// Every problem of a configuration is made here, one function a problem: a code, what was expected, what was found
// and how to mend it. docs/errors.md lists the codes.
import type { Diagnostic, Related } from "./diagnostic.js"
import type { Origin } from "./effective.js"
import { type ConfigPath, formatPath } from "./path.js"
import type { Place } from "./place.js"
import { HIDDEN, isSecret, withoutSecretAt } from "./secrets.js"

export type { Diagnostic } from "./diagnostic.js"

/** Where a problem was found: a place in a file, with the lines around it where they are known. */
export interface Located extends Place {
  readonly frame?: string
}

export function fileNotFoundError(file: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_NOT_FOUND",
    message: "there is no such file",
    path: "",
    file,
    hint: "Create it, or mend the name. An engine that is started without a file has its defaults.",
  }
}

export function unreadableError(file: string, reason: string): Diagnostic {
  return { code: "VELOZ_CONFIG_UNREADABLE", message: `the file cannot be read: ${reason}`, path: "", file }
}

export function fileTooLargeError(file: string, bytes: number, limitBytes: number): Diagnostic {
  const [size, limit] = [bytes, limitBytes].map((number) => Math.ceil(number / 2 ** 20))
  return unreadableError(file, `it has ${size} MiB, and a configuration has ${limit} at most: is it another file?`)
}

export function notTextError(file: string): Diagnostic {
  return unreadableError(file, "it is no text in UTF-8")
}

export function emptyFileError(file: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_EMPTY",
    message: "the file is empty",
    path: "",
    file,
    hint: "Was it cut off while it was written? For the defaults, write an empty configuration, {}, or remove the file.",
  }
}

export function syntaxError(located: Located, reason: string): Diagnostic {
  return { code: "VELOZ_CONFIG_SYNTAX", message: reason, path: "", ...located }
}

/** What is loaded is not waited for: it stands in the middle of a start, and of a change. */
export function topLevelAwaitError(located: Located): Diagnostic {
  return {
    ...syntaxError(located, "await stands outside of a function, and loading a file does not wait"),
    hint: "A configuration may be an async function: export default async () => defineConfig({ ... }). A plugin waits in its control part.",
  }
}

export function duplicateError(path: ConfigPath, located: Located): Diagnostic {
  return {
    code: "VELOZ_CONFIG_DUPLICATE",
    message: `${formatPath(path)} is set twice in one file`,
    path: formatPath(path),
    ...located,
    hint: "Keep one of them.",
  }
}

/** The same of a key whose path is not known. */
export function duplicateKeyError(key: string, located: Located): Diagnostic {
  return { ...duplicateError([key], located), path: "" }
}

export function duplicateUseError(name: string, located: Place | undefined): Diagnostic {
  return {
    code: "VELOZ_CONFIG_DUPLICATE",
    message: `plugin "${name}" is configured twice, under "plugins" and in "use", or twice in "use"`,
    path: formatPath(["plugins", name]),
    ...located,
    hint: "Keep one of them.",
  }
}

export function requestValueError(path: ConfigPath, value: unknown, permitted: readonly unknown[]): Diagnostic {
  const [option, name] = [path.at(-1)!, formatPath(path)]
  return {
    code: "VELOZ_CONFIG_NOT_BY_REQUEST",
    message: `a request cannot set ${name} to ${JSON.stringify(value)}: the file, the environment or the command line can; a request may set ${permitted.map((one) => JSON.stringify(one)).join(", ")}`,
    path: name,
    value,
    answer: { status: 403, error: "not_by_request", field: option },
  }
}

export function evaluationError(located: Located, thrown: unknown): Diagnostic {
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : show(thrown)
  return { code: "VELOZ_CONFIG_THREW", message: `the file threw ${reason}`, path: "", ...located }
}

/** A script that says something else. `value` is what it exports, or its function returns. */
export function noDefaultExportError(file: string, what: string, value: unknown): Diagnostic {
  const found = value === undefined ? "" : `, but one that is ${show(value)}`
  return {
    code: "VELOZ_CONFIG_NO_EXPORT",
    message: `the file has no default export that is ${what}${found}`,
    path: "",
    file,
    hint:
      what === "a preset"
        ? "Write: export default definePreset({ name: ..., plugins: { ... } })"
        : "Write: export default defineConfig({ ... }), or an async function that returns one.",
  }
}

export function notPlainError(path: ConfigPath, value: unknown, kind: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_NOT_DATA",
    message: `${formatPath(path) || "the configuration"} must be plain data, was ${kind}`,
    path: formatPath(path),
    value,
    hint: "Options are copied to every thread: use strings, numbers, booleans, arrays and objects, and put code into a plugin.",
  }
}

export function notAPluginError(path: ConfigPath, value: unknown): Diagnostic {
  return {
    code: "VELOZ_CONFIG_NOT_A_PLUGIN",
    message: `${formatPath(path)} is no plugin`,
    path: formatPath(path),
    value,
    hint: 'Each item of "use" is what definePlugin made, or that called with its options: use: [maxNotional({ max: "50000" })].',
  }
}

export function presetNotFoundError(
  name: string,
  path: ConfigPath,
  known: readonly string[],
  near?: string,
): Diagnostic {
  return {
    code: "VELOZ_CONFIG_UNKNOWN_PRESET",
    message: `there is no preset "${name}" (${known.join(", ")})`,
    path: formatPath(path),
    value: name,
    hint: near === undefined ? 'A preset of your own is a file: "./presets/mine.ts".' : `Did you mean "${near}"?`,
  }
}

export function presetFileMissingError(path: ConfigPath, file: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_UNKNOWN_PRESET",
    message: `there is no file ${file}, which ${formatPath(path)} names`,
    path: formatPath(path),
    hint: "The path of a preset is relative to the file that names it.",
  }
}

export function notAPresetError(path: ConfigPath, value: unknown): Diagnostic {
  return {
    code: "VELOZ_CONFIG_NOT_A_PRESET",
    message: `${formatPath(path)} is neither a preset's name, nor the path of one ("./..."), nor what definePreset made`,
    path: formatPath(path),
    value,
    hint: "A preset of your own goes through definePreset({ name: ..., plugins: { ... } }).",
  }
}

export function presetCycleError(names: readonly string[]): Diagnostic {
  return {
    code: "VELOZ_CONFIG_PRESET_CYCLE",
    message: `presets extend each other in a circle: ${names.join(" -> ")}`,
    path: "presets",
  }
}

/** `related` are the places of both. */
export function presetConflictError(
  path: ConfigPath,
  [firstName, firstValue]: [string, unknown],
  [secondName, secondValue]: [string, unknown],
  related: readonly Related[],
): Diagnostic {
  return {
    code: "VELOZ_CONFIG_PRESET_CONFLICT",
    message:
      `presets "${firstName}" and "${secondName}" disagree on ${formatPath(path)}: ` +
      `${show(firstValue)} and ${show(secondValue)}`,
    path: formatPath(path),
    value: secondValue,
    related,
    hint: "Set it in the configuration, drop one of the presets, or let one extend the other.",
  }
}

export function unknownPluginError(name: string, reason: string | undefined, near: string | undefined): Diagnostic {
  return {
    code: "VELOZ_CONFIG_UNKNOWN_PLUGIN",
    message: reason ?? `there is no plugin "${name}"`,
    path: formatPath(["plugins", name]),
    value: name,
    ...(near !== undefined && { hint: `Did you mean "${near}"?` }),
  }
}

/** What the kernel says of a plugin that it has found: it names the file and the mend itself. */
export function pluginRefusal(name: string, code: string, reason: string): Diagnostic {
  return { code, message: reason, path: formatPath(["plugins", name]) }
}

export function badSchemaError(name: string, reason: string, file?: string): Diagnostic {
  const where = file === undefined ? "" : ` (${file})`
  return {
    code: "VELOZ_CONFIG_BAD_SCHEMA",
    message: `the option schema of plugin "${name}"${where} cannot be used: ${reason}`,
    path: formatPath(["plugins", name]),
    hint: "It is the plugin's to mend: schema in its definePlugin({ ... }).",
  }
}

export function unknownOptionError(
  path: ConfigPath,
  value: unknown,
  { known, near }: { readonly known: readonly string[]; readonly near: string | undefined },
): Diagnostic {
  return {
    code: "VELOZ_CONFIG_UNKNOWN_OPTION",
    message: `there is no option ${formatPath(path)}`,
    path: formatPath(path),
    value,
    hint: near === undefined ? knownHint(known) : `Did you mean "${near}"?`,
  }
}

function knownHint(known: readonly string[]): string {
  return known.length === 0 ? "No options are known here." : `Known here: ${known.join(", ")}.`
}

export function wrongValueError(path: ConfigPath, value: unknown, expected: string, near?: string): Diagnostic {
  const found = path.some(isSecret) ? HIDDEN : value
  return {
    code: "VELOZ_CONFIG_WRONG_VALUE",
    message: `${formatPath(path) || "the configuration"} must be ${expected}, was ${show(found)}`,
    path: formatPath(path),
    value: found,
    ...(near === undefined ? {} : { hint: `Did you mean ${show(near)}?` }),
  }
}

export function missingOptionError(path: ConfigPath, expected: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_MISSING_OPTION",
    message: `${formatPath(path)} is missing: it must be ${expected}`,
    path: formatPath(path),
  }
}

export function badPathError(text: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_BAD_PATH",
    message: `${show(text)} is no path of an option`,
    path: text,
    hint: 'Paths read like plugins.market-data.order_book_depth or plugins["./plugins/mine.ts"].max.',
  }
}

/** Whoever reaches the HTTP API may change options, and not make the engine run a file of his. */
export function foreignCodeError(path: ConfigPath): Diagnostic {
  return {
    code: "VELOZ_CONFIG_FOREIGN_CODE",
    message: `${formatPath(path)} cannot be set over HTTP: the configuration file does not name the plugin "${path[1]}"`,
    path: formatPath(path),
    hint: "Name it in the file, or a shipped plugin here.",
  }
}

export function foreignFileError(file: string, folder: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_FOREIGN_CODE",
    message: `a running engine reads no ${file}: it is not beside its configuration, in ${folder}`,
    path: "",
    hint: "Copy it there, or compare two files: veloz plan FILE --from OTHER.",
  }
}

/** Not an error: a value that its author set and that does not count, because a higher layer sets it too. */
export function maskedNotice(path: ConfigPath, value: unknown, mask: Origin, located: Place | undefined): Diagnostic {
  const open = (one: unknown): unknown => withoutSecretAt(path.at(-1) ?? "", one)
  const by = `${mask.source} sets it to ${show(open(mask.value))}`
  return {
    code: "VELOZ_CONFIG_MASKED",
    message: `${formatPath(path)} ${show(open(value))} has no effect here: ${by}`,
    path: formatPath(path),
    value: open(value),
    ...located,
  }
}

/** Not an error: a name that is taken for the option that it means. */
export function aliasNotice(path: ConfigPath, option: ConfigPath, because: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_ALIAS",
    message: `${formatPath(path)} is taken for ${formatPath(option)}: ${because}`,
    path: formatPath(path),
    hint: "Write it there.",
  }
}

/** Not an error: a second configuration file, which nobody reads. */
export function shadowedNotice(file: string, read: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_SHADOWED",
    message: `${file} is not read, because ${read} is there`,
    path: "",
    file,
    hint: "Remove one of them.",
  }
}

/** Not an error: an environment variable that looks like a misspelt one of ours. */
export function unknownVariableNotice(name: string, near: string): Diagnostic {
  return {
    code: "VELOZ_CONFIG_UNKNOWN_VARIABLE",
    message: `environment variable ${name} is not known`,
    path: "",
    hint: `Did you mean ${near}?`,
  }
}

/** A value as an error shows it: short, and a string in quotes, so that "8080" and 8080 look different. */
export function hiddenValueError(path: ConfigPath): Diagnostic {
  return {
    code: "VELOZ_CONFIG_HIDDEN",
    message: `${formatPath(path)} had another value, which the history does not keep because it is named like a secret`,
    path: formatPath(path),
    hint: "Set it in the configuration.",
  }
}

export function inexactValueError(path: string, value: unknown, wanted: unknown): Diagnostic {
  return {
    code: "VELOZ_CONFIG_INEXACT",
    message: `${path} cannot be brought back to ${show(wanted)}: with everything else as it was, it is ${show(value)}`,
    path,
    value,
    hint: "Set it in the configuration.",
  }
}

export function show(value: unknown): string {
  if (value === undefined) return "nothing"
  if (typeof value === "function") return "a function"
  const text = JSON.stringify(value)
  if (text === undefined) return String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
