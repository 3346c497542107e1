import { tryLock } from "../../../core/os/file-lock.js"
import { openMachine } from "../../../core/tuning/machine.js"
import { seededRandom } from "../random.js"
import { TuningRig } from "../tuning-rig.js"
import type { FromVictim, ToVictim } from "./messages.js"
import { randomOffer, snapshot } from "./wishes.js"

// A process that sets values as an engine does, and is killed at any moment.

const tell = (message: FromVictim): void => void process.send!(message)
/** Every so many changes it lets a third party write. */
const WAITS_EVERY = 4

let goOn: (() => void) | undefined

process.on("message", (message: ToVictim | "go on") => {
  if (message === "go on") goOn?.()
  else void live(message)
})
// Loads the library of system calls, so that no kill is wasted on that.
tryLock(1)
tell({ type: "ready" })

async function live({ seed, folder, reloads }: ToVictim): Promise<void> {
  const random = seededRandom(seed)
  const machine = openMachine()
  const { tuning, events, change } = bound(new TuningRig(machine, folder))
  tuning.recover()
  const outcomes = events.map(({ data }) => (data as { outcome: string }).outcome)
  tell({ type: "recovered", values: snapshot(machine), outcomes })
  for (let count = 1; ; count++) {
    change(new Map([["storm", randomOffer(random, !reloads)]]))
    if (!reloads) return void setInterval(() => undefined, 1000)
    await new Promise((resolve) => setImmediate(resolve))
    if (count % WAITS_EVERY !== 0) continue
    await new Promise<void>((resolve) => {
      goOn = resolve
      tell({ type: "waiting" })
    })
  }
}

function bound(rig: TuningRig) {
  return { tuning: rig.tuning, events: rig.events, change: rig.change.bind(rig) }
}
