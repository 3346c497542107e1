import { readFileSync, statSync } from "node:fs"
import { keyFileError } from "../errors.js"
import { isObject, parseObject } from "../read-market.js"
import type { Credentials } from "../sign.js"

/**
 * The API key and its secret, from the environment, else from the key file. Neither is ever an option: options are
 * shown, logged and saved. Undefined when there are none: market data needs none.
 */
export function readCredentials(
  keyFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Credentials | undefined {
  const { VELOZ_API_KEY: apiKey, VELOZ_API_SECRET: secret } = environment
  if (apiKey && secret) return { apiKey, secret }
  return keyFile === undefined ? undefined : readKeyFile(keyFile)
}

const OTHERS = 0o077

function readKeyFile(path: string): Credentials {
  const text = readPrivately(path)
  const content = parseObject(text)
  if (!isObject(content)) throw keyFileError(path, "it is no JSON object")
  const secret = content.secret ?? content.private_key
  if (typeof content.key !== "string" || content.key === "") throw keyFileError(path, '"key" is missing')
  if (typeof secret !== "string" || secret === "") throw keyFileError(path, '"secret" or "private_key" is missing')
  return { apiKey: content.key, secret }
}

function readPrivately(path: string): string {
  let mode: number
  let text: string
  try {
    mode = statSync(path).mode
    text = readFileSync(path, "utf8")
  } catch (error) {
    throw keyFileError(path, error instanceof Error ? error.message : String(error))
  }
  if ((mode & OTHERS) !== 0 && process.platform !== "win32") {
    throw keyFileError(path, `its mode is ${(mode & 0o777).toString(8)}, so that others can read it`)
  }
  return text
}
