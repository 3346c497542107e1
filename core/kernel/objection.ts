import { ConfigError, type Diagnostic } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import { type ConfigPath, formatPath, parsePath } from "../config/path.js"
import type { Place } from "../config/place.js"
import { schemaAt } from "../config/schemas.js"
import type { CheckContext, Surroundings } from "./contract.js"
import { pluginThrewError, VelozError } from "./errors.js"

/** An error that is about the configuration, with the places where the options were set that it names. */
export function objection(error: VelozError, config: EffectiveConfig, plugin?: string): Diagnostic {
  const { code, message, status, httpCode, field, clashes } = error
  const keys = keysOf(field, plugin, config)
  const related = clashes.map((path) => config.locate(keysOf(path, plugin, config)))
  return {
    code,
    message,
    ...config.locate(keys),
    path: formatPath(keys),
    ...(related.length > 0 && { related }),
    ...(httpCode !== "internal" && { answer: { status, error: httpCode, field } }),
  }
}

/**
 * Work that may object to a configuration: what is thrown gets the place of the option that it names. `plugin` is who
 * works, undefined for the kernel itself.
 */
export async function placing<T>(
  config: EffectiveConfig,
  plugin: string | undefined,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // What a plugin refuses without naming an option is shown where the plugin is named.
    if (!(error instanceof VelozError) || (error.field === undefined && plugin === undefined)) throw error
    throw new ConfigError([objection(error, config, plugin)], config.files)
  }
}

/** What code of a plugin reports of a configuration; what it throws is the last of it. */
export function collectObjections(
  plugin: string,
  where: string,
  around: Surroundings,
  check: (context: CheckContext) => void,
  locate?: (error: unknown) => Place | undefined,
): VelozError[] {
  const objections: VelozError[] = []
  const object = (error: unknown): void =>
    void objections.push(error instanceof VelozError ? error : pluginThrewError(plugin, where, error, locate?.(error)))
  const report = (error: unknown): void => object(error instanceof VelozError ? error : reportedNonsense(error))
  try {
    refusePromise(check({ ...around, report }))
  } catch (error) {
    object(error)
  }
  return objections
}

function reportedNonsense(told: unknown): TypeError {
  return new TypeError(`it reported ${JSON.stringify(told)}: report(new VelozError(code, message, { field })) objects`)
}

/** A change is planned without waiting. */
function refusePromise(answer: unknown): void {
  if (!(answer instanceof Promise)) return
  answer.catch(() => undefined)
  throw new TypeError("it must not be async: a change is planned without waiting for it")
}

/** `field` is a path within the options of the plugin, or of the whole configuration. */
function keysOf(field: string | undefined, plugin: string | undefined, config: EffectiveConfig): ConfigPath {
  const { schemas, plugins } = config
  const keys = parsePath(field ?? "") ?? []
  if (plugin === undefined || keys[0] === "plugins") return keys
  const own = plugins.find(({ name }) => name === plugin)?.options ?? {}
  // One that nobody sets, and that has no default, is not what it is about where the engine has one of this name.
  const isOwn = keys.length > 0 && schemaAt(schemas.get(plugin), keys.slice(0, 1)) !== undefined && keys[0] in own
  const isOfAll = !isOwn && keys.length > 0 && schemaAt(schemas.get(""), keys.slice(0, 1)) !== undefined
  return isOfAll ? keys : ["plugins", plugin, ...keys]
}
