import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { openMachine } from "../../core/tuning/machine.js"
import { inNamespace } from "../support/in-namespace.js"
import { seededRandom } from "../support/random.js"
import { randomOffer, snapshot, writeForeign } from "../support/tuning-kills/wishes.js"

// As tuning-kills.test.ts does it with the part of an engine that sets values, and many times: here with all of it.

const COMMAND = [process.execPath, path.resolve("dist/core/cli/main.js")]
const ROUNDS = 14
const SEED = Number(process.env.VELOZ_TEST_SEED ?? 20_261_127)
/** Within this an engine is killed: of one that starts, and of one that has set values and is given others. */
const LIFE_MS = { starting: 1_200, reloading: 600 }
const SAVE_EVERY_MS = 60

inNamespace(import.meta.url, () => {
  test(`${ROUNDS} kills of whole engines, while they start and between saves, leave every value as before`, async () => {
    const random = seededRandom(SEED)
    const machine = openMachine()
    const expected = snapshot(machine)
    const folder = mkdtempSync(path.join(os.tmpdir(), "veloz-engine-kills-"))
    const env = { ...process.env, VELOZ_STATE_DIR: path.join(folder, "state") }
    const save = (): void => {
      const { wishes } = randomOffer(random)
      const sysctl = Object.fromEntries(
        wishes.flatMap(({ tunable, wish }) => (wish === undefined ? [] : [[tunable.id, wish]])),
      )
      const plugins = { quoter: false, "kernel-tuning": { mode: "apply", sysctl } }
      writeFileSync(path.join(folder, "veloz.config.json"), JSON.stringify({ topology: "fused", plugins }))
    }
    const isAsBefore = (): boolean => JSON.stringify(snapshot(machine)) === JSON.stringify(expected)
    const rollBack = (round: number): void => {
      const { stdout, stderr } = spawnSync(COMMAND[0], [COMMAND[1], "tune", "rollback"], {
        cwd: folder,
        env,
        encoding: "utf8",
      })
      assert.equal(snapshot(machine), expected, `seed ${SEED}, round ${round}: ${stdout}${stderr}`)
    }
    let [leftOver, foreign] = [0, 0]
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const [program, ...words] = COMMAND
        save()
        const before = JSON.stringify(snapshot(machine))
        const engine = spawn(program, [...words, "start", "--port", "0"], { cwd: folder, env, stdio: "ignore" })
        if (round % 2 === 0) await sleep(random() * LIFE_MS.starting)
        else
          await reload(engine, () => JSON.stringify(snapshot(machine)) !== before, save, random() * LIFE_MS.reloading)
        await kill(engine)
        if (!isAsBefore()) leftOver += 1
        if (random() < 0.3) {
          const [id, text] = writeForeign(random, ++foreign, machine)
          expected[id] = text
        }
        // The next engine puts back what this one has left, or somebody does before.
        if (random() < 0.5) rollBack(round)
      }
      rollBack(ROUNDS)
    } finally {
      rmSync(folder, { recursive: true })
    }
    console.log(`seed ${SEED}: ${leftOver} of ${ROUNDS} kills left values behind, ${foreign} foreign writes`)
    assert.ok(leftOver >= ROUNDS / 4, `${leftOver} of ${ROUNDS} kills left something to put back`)
  })
})

test.run()

/** Lets an engine set its values, and then saves others for a while. */
async function reload(engine: ChildProcess, hasSet: () => boolean, save: () => void, lifeMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 20_000 && !hasSet() && engine.exitCode === null; waitedMs += 20) await sleep(20)
  assert.ok(hasSet(), "the engine has set something")
  for (let livedMs = 0; livedMs < lifeMs; livedMs += SAVE_EVERY_MS) {
    save()
    await sleep(SAVE_EVERY_MS)
  }
}

async function kill(engine: ChildProcess): Promise<void> {
  const ended = once(engine, "exit")
  engine.kill("SIGKILL")
  await ended
}
