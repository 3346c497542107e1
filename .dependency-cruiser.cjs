// Who may import what. `node .ci/boundaries.mjs` checks it, and proves on a small bad tree that each rule bites.

// The doors, as the package's exports resolve them.
const DOORS = "^dist/core/(index|hot/index)[.](d[.]ts|js)$"
const HOT_DOOR = "^dist/core/hot/index[.](d[.]ts|js)$"
// Nothing resolves them before the example is installed.
const EXAMPLE_DOORS = "^veloz(/(hot|testing))?$"
// Modules that something else than an import starts: a command line, a thread, a process, a user's configuration.
const ENTRIES = [
  "^core/(index|hot/index|testing/index|cli/main)[.]ts$",
  "^core/threads/(hot|warmer)-thread[.]ts$",
  "^core/kernel/trial-thread[.]ts$",
  "^plugins/[^/]+/index[.]ts$",
  "^presets/",
  "^plugins/[^/]+/io/process[.]ts$",
  "^bench/(main|soak)[.]ts$",
  "^examples/",
  "^test/.*[.]test[.]ts$",
  "^veloz[.]config[.]ts$",
]

module.exports = {
  forbidden: [
    {
      name: "core-knows-no-plugin",
      comment: "Core runs whatever plugins and presets there are; it finds them by name.",
      severity: "error",
      from: { path: "^core/" },
      to: { path: "^(dist/)?(plugins|presets)/" },
    },
    {
      name: "plugins-enter-by-the-doors",
      comment: 'A plugin imports "veloz", "veloz/hot", packages and its own folder: what any author outside can.',
      severity: "error",
      from: { path: "^plugins/([^/]+)/" },
      to: { dependencyTypesNot: ["core"], pathNot: ["^plugins/$1/", DOORS, "node_modules/"] },
    },
    {
      name: "examples-enter-by-the-doors",
      comment: "An example is a package of its own: it imports veloz by its doors, Node, and its own folder.",
      severity: "error",
      from: { path: "^examples/([^/]+)/" },
      to: { dependencyTypesNot: ["core"], pathNot: ["^examples/$1/", EXAMPLE_DOORS] },
    },
    {
      name: "hot-reaches-hot-alone",
      comment: "The data plane has no way to I/O or to the control plane. The clock asks libc for the time.",
      severity: "error",
      from: { path: "^(core|plugins/[^/]+)/hot/", pathNot: "^core/hot/clock[.]ts$" },
      to: { pathNot: ["^(core|plugins/[^/]+)/hot/", HOT_DOOR] },
    },
    {
      name: "only-configuration-reads-schemas-and-presets",
      comment: "They are data, and one place turns them into options.",
      severity: "error",
      from: { path: "^(core|plugins|bench)/", pathNot: "^core/config/" },
      to: { path: "^((dist/)?presets|schemas)/" },
    },
    {
      name: "product-knows-no-test",
      comment: "Benches may use what tests stand on: neither is installed.",
      severity: "error",
      from: { path: "^(core|plugins|presets|examples)/" },
      to: { path: ["^(dist/)?test/", "^node_modules/uvu/"] },
    },
    {
      name: "engine-knows-no-harness",
      comment: "The harness stands on what runs, never the other way round.",
      severity: "error",
      from: { path: "^core/", pathNot: "^core/testing/" },
      to: { path: "^core/testing/" },
    },
    {
      name: "no-development-package-at-run-time",
      comment: "An installed veloz does not have them.",
      severity: "error",
      from: { path: "^(core|plugins|presets)/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "nothing-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: EXAMPLE_DOORS },
    },
    {
      name: "no-cycle-at-run-time",
      comment: "Types may refer to each other; code that runs is loaded in an order.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphan",
      severity: "error",
      from: { orphan: true, pathNot: [...ENTRIES, "[.]d[.]ts$"] },
      to: {},
    },
    {
      name: "no-dead-module",
      comment: "A module that only its test imports is not in use.",
      severity: "error",
      from: { path: ENTRIES.filter((entry) => !entry.startsWith("^test/")) },
      to: { path: "^(core|plugins|bench)/", pathNot: ["[.]d[.]ts$", ...ENTRIES], reachable: false },
    },
  ],
  options: {
    // Configurations as users have them, most of them wrong.
    exclude: { path: "^test/fixtures/" },
    doNotFollow: { path: ["node_modules", "^dist/"] },
    // Counts imports of types too; rules that mean running code leave them out.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "node", "default"],
      extensions: [".ts", ".d.ts", ".js", ".mjs", ".json"],
    },
  },
}
