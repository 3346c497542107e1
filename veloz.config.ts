import { defineConfig } from "veloz"

// The engine reads this file while it runs: change a value, save, and it is live. If something is wrong with it, the
// engine says where, and goes on with what it had. `npx veloz --help` shows what else there is.
export default defineConfig({
  // Where to start from: "low-latency", "high-throughput", or "./your-own.ts". What you set below wins.
  presets: ["low-latency"],

  symbols: ["BTCUSDT"],

  // "sim" is an exchange that runs on this machine and knows no real money. "binance" is the real one.
  venue: { kind: "sim" },

  plugins: {
    // Places and replaces small quotes near the touch, so that there is something to measure. Without this line the
    // engine trades only what you or your own strategy send.
    quoter: { orders_per_second: 50 },

    // Your turn: take the slashes away, save, and look at http://127.0.0.1:8080/api/book?symbol=BTCUSDT
    // "market-data": { order_book_depth: 10 },
  },
})
