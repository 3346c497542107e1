import { EDITOR_LINKS } from "../editors/editor-links.js"

// What `veloz init` writes.

export type Format = keyof typeof EDITOR_LINKS

/** Each says the same. The schema that the JSON names permits comments in editors, as our reader does. */
export const STARTER_CONFIGS: Readonly<Record<Format, string>> = {
  ts: `${EDITOR_LINKS.ts}
import { defineConfig } from "veloz"

// The engine reads this file while it runs: change a value, save, and it is live. If something is wrong with it, the
// engine says where, and goes on with what it had. Your editor completes and explains every option.
export default defineConfig({
  // Where to start from: "low-latency", "high-throughput", or "./your-own.ts". What is set below wins.
  presets: ["low-latency"],

  // What is traded, as the venue writes it.
  symbols: ["BTCUSDT"],

  // "sim" is an exchange that runs on this machine and knows no real money. "binance" is the real one.
  venue: { kind: "sim" },

  plugins: {
    // Places and replaces small quotes near the touch, so that there is something to measure. Without this line the
    // engine trades only what you or your own strategy send.
    quoter: { orders_per_second: 50 },

    // Price levels a side that are published. The book keeps all of them.
    "market-data": { order_book_depth: 10 },

    // A plugin of your own is the path of its file. false switches a plugin off.
    // "./plugins/mine.ts": {},
    // alerts: false,
  },
})
`,
  yaml: `${EDITOR_LINKS.yaml}

# The engine reads this file while it runs: change a value, save, and it is live. If something is wrong with it, the
# engine says where, and goes on with what it had. Your editor completes and explains every option.

# Where to start from: low-latency, high-throughput, or ./your-own.ts. What is set below wins.
presets: [low-latency]

# What is traded, as the venue writes it.
symbols: [BTCUSDT]

# "sim" is an exchange that runs on this machine and knows no real money. "binance" is the real one.
venue:
  kind: sim

plugins:
  # Places and replaces small quotes near the touch, so that there is something to measure. Without it the engine trades
  # only what you or your own strategy send.
  quoter:
    orders_per_second: 50

  # Price levels a side that are published. The book keeps all of them.
  market-data:
    order_book_depth: 10

  # A plugin of your own is the path of its file. false switches a plugin off.
  # ./plugins/mine.ts: {}
  # alerts: false
`,
  json: `{
  ${EDITOR_LINKS.json},

  // The engine reads this file while it runs: change a value, save, and it is live. If something is wrong with it, the
  // engine says where, and goes on with what it had. Your editor completes and explains every option.

  // Where to start from: "low-latency", "high-throughput", or "./your-own.ts". What is set below wins.
  "presets": ["low-latency"],

  // What is traded, as the venue writes it.
  "symbols": ["BTCUSDT"],

  // "sim" is an exchange that runs on this machine and knows no real money. "binance" is the real one.
  "venue": { "kind": "sim" },

  "plugins": {
    // Places and replaces small quotes near the touch, so that there is something to measure. Without it the engine
    // trades only what you or your own strategy send.
    "quoter": { "orders_per_second": 50 },

    // Price levels a side that are published. The book keeps all of them.
    "market-data": { "order_book_depth": 10 }

    // A plugin of your own is the path of its file. false switches a plugin off.
    // "./plugins/mine.ts": {},
    // "alerts": false
  }
}
`,
}

export function starterManifest(folderName: string, version: string): string {
  const name = folderName
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[._-]+|-+$/g, "")
  const manifest = {
    name: name === "" ? "engine" : name,
    private: true,
    type: "module",
    scripts: { start: "veloz start", check: "veloz check" },
    dependencies: { veloz: `^${version}` },
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** For editors and for whoever runs tsc; the engine itself needs none. */
export const STARTER_TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      target: "ES2023",
      module: "NodeNext",
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
    },
    include: ["veloz.config.ts", "plugins", "presets"],
  },
  null,
  2,
)}
`

export const STARTER_GITIGNORE = "node_modules/\n"
