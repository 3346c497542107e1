import { definePlugin, type SimExchangeOptions } from "veloz"
import { exchangeCommand } from "./command.js"
import { control } from "./control.js"
import { instrumentOf } from "./instrument.js"

export default definePlugin<SimExchangeOptions>({
  name: "sim-exchange",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "The embedded exchange, a process of its own that speaks the venue's protocol over loopback.",
  before: ["binance"],
  provides: ["exchange-endpoint"],
  // A market that cannot be is refused before the exchange is asked for it.
  check: ({ symbols, instruments }) => {
    for (const symbol of symbols ?? []) instrumentOf(symbol, instruments[symbol])
  },
  control,
  commands: [exchangeCommand],
})
