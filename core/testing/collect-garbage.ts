import v8 from "node:v8"
import vm from "node:vm"

/** Collects everything that nothing holds. Takes tens of milliseconds. */
export async function collectGarbage(): Promise<void> {
  v8.setFlagsFromString("--expose-gc")
  const collect = vm.runInNewContext("gc") as () => void
  // What a turn has looked at through a WeakRef lives until the turn ends.
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
}
