import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { openMachine } from "../../../core/tuning/machine.js"
import { type Random, seededRandom } from "../random.js"
import { TuningRig } from "../tuning-rig.js"
import type { FromVictim, ToVictim } from "./messages.js"
import { snapshot, writeForeign } from "./wishes.js"

// Kills victims that set values of this network namespace, with a third party between, and looks after each whether every
// value is as it was before the first start, or as the third party has set it. Prints what came of it as JSON.
//
//   node storm.js KILLS SECONDS SEED

export interface StormResult {
  readonly kills: number
  /** Killed before they had put back what the one before had left. */
  readonly killedInRecovery: number
  /** What recoveries found, by outcome. */
  readonly outcomes: Record<string, number>
  readonly foreignWrites: number
  /** Values that were neither as before nor as the third party had set them. */
  readonly wrong: readonly string[]
}

const VICTIM = fileURLToPath(new URL("victim.js", import.meta.url))
/** Of who is killed while it puts back what the one before has left, and of who is killed when that is done. */
const LONGEST_LIFE_MS = { recovering: 15, setting: 80 }

const [kills, seconds, seed] = process.argv.slice(2).map(Number)
process.stdout.write(`${JSON.stringify(await storm(kills, seconds * 1000, seededRandom(seed)))}\n`)

async function storm(wanted: number, withinMs: number, random: Random): Promise<StormResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "veloz-kills-"))
  const machine = openMachine()
  const expected = snapshot(machine)
  const outcomes: Record<string, number> = {}
  const wrong: string[] = []
  let [count, foreignWrites, killedInRecovery] = [0, 0, 0]
  const compare = (values: Record<string, string>): void => {
    for (const [id, text] of Object.entries(values)) {
      if (text !== expected[id]) wrong.push(`after kill ${count}: ${id} is ${text} and was ${expected[id]}`)
    }
  }
  const interfere = (): void => {
    const [id, text] = writeForeign(random, ++foreignWrites, machine)
    expected[id] = text
  }
  const endMs = performance.now() + withinMs
  // The next one starts while this one lives.
  let next = startVictim()
  try {
    while (count < wanted && performance.now() < endMs && wrong.length === 0) {
      const victim = await next
      next = startVictim()
      let isRecovered = false
      victim.on("message", (message: FromVictim) => {
        if (message.type === "recovered") {
          isRecovered = true
          compare(message.values)
          for (const outcome of message.outcomes) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        }
        if (message.type === "waiting") {
          if (random() < 0.5) interfere()
          victim.send("go on")
        }
      })
      victim.send({ seed: Math.floor(random() * 2 ** 31), folder, reloads: count % 2 === 1 } satisfies ToVictim)
      const mayRecover = random() < 0.75
      if (mayRecover) await until(() => isRecovered)
      await sleep(random() * (mayRecover ? LONGEST_LIFE_MS.setting : LONGEST_LIFE_MS.recovering))
      await kill(victim)
      count += 1
      if (!isRecovered) killedInRecovery += 1
      if (random() < 0.3) interfere()
    }
    const last = new TuningRig(machine, folder)
    last.tuning.recover()
    compare(snapshot(machine))
    return { kills: count, killedInRecovery, outcomes, foreignWrites, wrong }
  } finally {
    await kill(await next)
    rmSync(folder, { recursive: true })
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(1)
}

async function startVictim(): Promise<ChildProcess> {
  const victim = fork(VICTIM, { stdio: ["ignore", "ignore", "inherit", "ipc"] })
  await once(victim, "message")
  return victim
}

async function kill(victim: ChildProcess): Promise<void> {
  const ended = once(victim, "exit")
  victim.kill("SIGKILL")
  await ended
}
