import type { ConfiguredPlugin, DefinePlugin, Plugin, PluginDefinition } from "./contract.js"

/** Makes a plugin of its definition. Checks nothing: the kernel does, where it can name the file. */
export const definePlugin: DefinePlugin = ((definition: PluginDefinition<object>): Plugin => {
  const plugin = ((options: object = {}): ConfiguredPlugin => ({
    kind: "veloz-configured-plugin",
    plugin,
    options,
  })) as Plugin
  return Object.assign(plugin, { kind: "veloz-plugin" as const, definition })
}) as DefinePlugin
