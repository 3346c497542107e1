import { define, isPlainObject } from "./path.js"

// No option is meant for a secret, and yet one may be set by hand: what is named like one leaves the engine hidden.

export const HIDDEN = "(hidden)"

/** Data for a file that may travel or stay: what is named like a secret, or stands in a URL as one, is hidden. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") return value.replace(URL_USER, `$1${HIDDEN}@`)
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (!isPlainObject(value)) return value
  const open = {}
  for (const [name, member] of Object.entries(value)) define(open, name, withoutSecretAt(name, member))
  return open
}

/** The same of one value, by the last key of its path. */
export function withoutSecretAt(name: string, value: unknown): unknown {
  return isSecret(name) && typeof value === "string" ? HIDDEN : withoutSecrets(value)
}

/** Whether an option of this name holds a secret. */
export function isSecret(name: string): boolean {
  return SECRET_NAME.test(name)
}

/** Whether something was hidden in a value: it is not the one that was set. */
export function isHidden(value: unknown): boolean {
  return JSON.stringify(value)?.includes(HIDDEN) ?? false
}

/** Whether a text seems to write a secret down: a name like one with a literal after it, or a user in a URL. */
export function holdsSecret(text: string): boolean {
  return hideSecrets(text) !== text
}

/** A text in which nothing that looks like a secret can be read. */
export function hideSecrets(text: string): string {
  return text.replace(QUOTED, `$1${HIDDEN}`).replace(BARE, `$1${HIDDEN}`).replace(URL_USERS, `$1${HIDDEN}@`)
}

const NAME = "\\w*(?:secret|token|passw|credential|private_?key|api_?key)\\w*"
const SECRET_NAME = new RegExp(NAME, "i")
const URL_USER = /^([a-z]+:\/\/)[^/@]*@/i
const URL_USERS = /([a-z]+:\/\/)[^\s/@"']+@/gi
/** As TypeScript and JSON write it: a name, and a text in quotes. */
const QUOTED = new RegExp(`(${NAME}["']?\\s*[:=]\\s*)["'\`][^"'\`\\n]+["'\`]?`, "gi")
/** As YAML may write it: a line of its own, without quotes. */
const BARE = new RegExp(`^([\\s\\d>|-]*${NAME}:[ \\t]+)(?!["'{[(])\\w[^\\s,(.]*[ \\t]*$`, "gim")
