import { definePlugin, type SimExchangeOptions } from "veloz"
import { check } from "./check.js"
import { claims } from "./claims.js"
import { exchangeCommand } from "./command.js"
import { control } from "./control.js"

export default definePlugin<SimExchangeOptions>({
  name: "sim-exchange",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "The embedded exchange, a process of its own that speaks the venue's protocol over loopback.",
  before: ["binance"],
  provides: ["exchange-endpoint"],
  venues: ["sim"],
  check,
  claims,
  control,
  commands: [exchangeCommand],
})
