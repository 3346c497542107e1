import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin } from "veloz"
import type { EffectiveConfig } from "../../../core/config/effective.js"
import { SystemClock } from "../../../core/hot/clock.js"
import { ControlPart, type ControlServices } from "../../../core/kernel/control-part.js"
import { ServiceRegistry } from "../../../core/kernel/services.js"
import { CallMeters, METER_BYTES } from "../../../core/pipeline/call-meters.js"

const NEVER = new Promise<never>(() => {})
const DEADLINES = { prepareMs: 20, disposeMs: 20 }

/** As much of the kernel as a part needs that only comes and goes. */
class Kernel {
  readonly errors: string[] = []
  readonly services = {
    log: () => ({ error: (message: string) => void this.errors.push(message) }),
    onFault: (plugin: string, where: string) => void this.errors.push(`${plugin} in ${where}`),
    locate: () => undefined,
    meters: new CallMeters(new SystemClock(), new SharedArrayBuffer(METER_BYTES), 100, () => undefined),
    onLeave: () => undefined,
  } as unknown as ControlServices

  make(control: () => unknown): Promise<ControlPart | undefined> {
    const plugin = definePlugin({ name: "mine", version: "1.0.0", veloz: "^1.0.0", control: control as () => void })
    const config = { symbols: [], venue: { kind: "sim" }, schemas: new Map() } as unknown as EffectiveConfig
    const wish = { name: "mine", options: {}, config, registry: new ServiceRegistry(), deadlines: DEADLINES }
    return ControlPart.make(plugin, wish, this.services)
  }
}

test("a part that is never ready is named after its deadline", async () => {
  const error = await new Kernel().make(() => NEVER).catch((reason: Error & { code: string }) => reason)
  assert.instance(error, Error)
  assert.match(String(error), /plugin "mine" has not finished its control part after 20 ms/)
})

test("a part whose dispose never ends is named and left behind", async () => {
  const kernel = new Kernel()
  const part = await kernel.make(() => ({ dispose: () => NEVER }))
  await part!.dispose()
  assert.match(kernel.errors.join(), /VELOZ_PLUGIN_LINGERS: plugin "mine" has left, .* after 20 ms/)
})

test("a part whose dispose fails is told, and has left all the same", async () => {
  const kernel = new Kernel()
  const part = await kernel.make(() => ({ dispose: () => Promise.reject(new Error("no")) }))
  await part!.dispose()
  assert.equal(kernel.errors, ["mine in control, dispose"])
})

test.run()
