import { definePlugin } from "veloz"
import { schema } from "./schema.js"

export default definePlugin({
  name: "max-notional",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Denies orders that are worth more than a limit.",
  schema,
  primable: true,
  engine({ options, order, symbols, counter }) {
    const tooLarge = order.reason("max-notional", "the order is worth more than max-notional.max")
    const denied = counter("denied")
    // In ticks x lots, by symbol: prices are whole numbers from the wire to the wire.
    const limits = new Float64Array(symbols.all.length)
    const derive = (): void => {
      for (const { index, name } of symbols.all) limits[index] = symbols.notional(name, options.max)
    }
    derive()
    order.risk.tap("max-notional", ({ symbol, notional }) => {
      if (notional <= limits[symbol]) return 0
      denied.increment()
      return tooLarge
    })
    return { retune: derive }
  },
})
