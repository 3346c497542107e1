import type { Hold } from "../threads/held-settings.js"
import type { HeldReading } from "../tuning/tunable.js"

/** How a held setting stands, as a tunable is told: each thread by itself where they differ or there are several. */
export function readHold<V extends string | number | boolean>(hold: Hold<V>, wish: V | undefined): HeldReading {
  const readings = hold.read()
  const refusal = readings.find((reading) => reading.refusal !== undefined)?.refusal
  const values = readings.map(({ value }) => (value === undefined ? null : plain(value)))
  const found = values.length > 0 && values.every((value) => value === values[0]) ? values[0] : null
  const verified = wish === undefined ? null : readings.length > 0 && readings.every(({ value }) => value === wish)
  const parts = readings.map(({ tid, value }) => {
    return { name: `thread ${tid}`, found: value === undefined ? null : plain(value), verified: value === wish }
  })
  return {
    found,
    verified,
    ...(refusal !== undefined && { state: refusal.state, note: refusal.text }),
    ...(readings.length > 1 && { parts }),
  }
}

const plain = (value: string | number | boolean): string | number =>
  typeof value === "boolean" ? String(value) : value
