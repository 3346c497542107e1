import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type Watch, type WatchOptions, watchConfiguration } from "../../../core/config/watch.js"
import { until } from "../../support/until.js"
import { type Project, project } from "./project.js"

const FILE = "veloz.config.json"

/** Watches a project's file and keeps what it read at each change. */
async function watching(home: Project, run: (seen: string[]) => Promise<void>, names: () => string[] = () => [FILE]) {
  const seen: string[] = []
  await opened({
    files: () => names().map(home.path),
    onChange: async () => {
      seen.push(read(home.path(FILE)))
      return true
    },
    reconcileMs: 50,
  })
  await run(seen)
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return "missing"
  }
}

const open: Watch[] = []

/** A watch that is closed after its test, however that ends. */
async function opened(options: WatchOptions): Promise<Watch> {
  const watch = await watchConfiguration(options)
  open.push(watch)
  return watch
}

test.after.each(async () => {
  for (const watch of open.splice(0)) await watch.close()
})

test("a save is told once", async () => {
  const home = project({ [FILE]: "1" })
  await watching(home, async (seen) => {
    home.write(FILE, "2")
    await until(() => seen.length > 0)
    await sleep(200)
    assert.equal(seen, ["2"])
  })
})

test("a moment without any files does not end the watch", async () => {
  const home = project({ [FILE]: "0" })
  let names: string[] = [FILE]
  const run = async (seen: string[]): Promise<void> => {
    names = []
    await until(() => seen.length > 0)
    names = [FILE]
    for (const content of ["1", "2"]) {
      home.write(FILE, content)
      await until(() => seen.at(-1) === content)
    }
  }
  await watching(home, run, () => names)
})

test("an atomic save by rename is told, again and again", async () => {
  const home = project({ [FILE]: "0" })
  await watching(home, async (seen) => {
    for (const content of ["1", "2", "3"]) {
      home.write("temporary", content)
      renameSync(home.path("temporary"), home.path(FILE))
      await until(() => seen.at(-1) === content)
    }
  })
})

test("touching a file, or saving what it held, tells nothing", async () => {
  const home = project({ [FILE]: "1" })
  await watching(home, async (seen) => {
    utimesSync(home.path(FILE), new Date(), new Date())
    home.write(FILE, "1")
    await sleep(300)
    assert.equal(seen, [])
  })
})

test("a storm of saves ends in the last content, one reload at a time", async () => {
  const home = project({ [FILE]: "first" })
  let running = 0
  let overlapped = false
  const seen: string[] = []
  await opened({
    files: () => [home.path(FILE)],
    restMs: 5,
    onChange: async () => {
      overlapped ||= running > 0
      running++
      const content = read(home.path(FILE))
      await sleep(20)
      seen.push(content)
      running--
      return true
    },
  })
  for (let save = 1; save <= 100; save++) {
    home.write(FILE, `save ${save}`)
    await sleep(save % 7)
  }
  await until(() => seen.at(-1) === "save 100")
  assert.not(overlapped)
})

test("a file that is missing is told when it comes, and when it goes", async () => {
  const home = project()
  await watching(home, async (seen) => {
    home.write(FILE, "here")
    await until(() => seen.at(-1) === "here")
    rmSync(home.path(FILE))
    await until(() => seen.at(-1) === "missing")
  })
})

test("a folder above that is replaced does not end the watch", async () => {
  const home = project({ "conf/file.json": "1" })
  const seen: string[] = []
  const file = home.path("conf/file.json")
  await opened({
    files: () => [file],
    onChange: async () => seen.push(read(file)) > 0,
    reconcileMs: 50,
  })
  for (const content of ["2", "3"]) {
    mkdirSync(home.path("next"))
    writeFileSync(home.path("next/file.json"), content)
    renameSync(home.path("conf"), home.path(`old-${content}`))
    renameSync(home.path("next"), home.path("conf"))
    await until(() => seen.at(-1) === content)
  }
  writeFileSync(file, "4")
  await until(() => seen.at(-1) === "4")
})

test("files that a change brings into play are watched from then on", async () => {
  const home = project({ [FILE]: "1", "base.json": "a" })
  const names = [FILE]
  await watching(
    home,
    async (seen) => {
      home.write("base.json", "b")
      await sleep(150)
      assert.equal(seen, [])
      names.push("base.json")
      home.write(FILE, "2")
      await until(() => seen.length === 1)
      await sleep(100)
      home.write("base.json", "c")
      await until(() => seen.length === 2)
    },
    () => names,
  )
})

test("a save between the load and the start of the watch is not missed", async () => {
  const home = project({ [FILE]: "1" })
  const sinceMs = Date.now() - 1
  home.write(FILE, "2")
  let calls = 0
  await opened({
    files: () => [home.path(FILE)],
    sinceMs,
    onChange: async () => ++calls > 0,
  })
  await until(() => calls === 1)
})

test("a closed watch tells nothing more", async () => {
  const home = project({ [FILE]: "1" })
  let calls = 0
  const watch = await opened({ files: () => [home.path(FILE)], onChange: async () => ++calls > 0 })
  home.write(FILE, "2")
  await watch.close()
  await watch.close()
  await sleep(150)
  assert.is(calls, 0)
})

test("a save during the change that lets other files go is told, though no event tells of it", async () => {
  const home = project()
  const seen: string[] = []
  let names = [FILE, "other.json"]
  const inFolder = (name: string) => home.path(`folder/${name}`)
  for (const name of names) home.write(`folder/${name}`, "0")
  await opened({
    files: () => names.map(inFolder),
    onChange: async () => {
      seen.push(read(inFolder(FILE)))
      if (seen.length > 1) return true
      // Events stop where a folder is replaced.
      for (const name of names) home.write(`next/${name}`, name === FILE ? "2" : "0")
      renameSync(home.path("folder"), home.path("before"))
      renameSync(home.path("next"), home.path("folder"))
      names = [FILE]
      return true
    },
    reconcileMs: 50,
  })
  home.write(`folder/${FILE}`, "1")
  await until(() => seen.at(-1) === "2")
})

test("a save of a file during the change that brings it is told", async () => {
  const home = project({ [FILE]: "0" })
  const seen: string[] = []
  const brought = home.path("brought.json")
  let files = [home.path(FILE)]
  home.write("brought.json", "old")
  await opened({
    files: () => files,
    onChange: async () => {
      seen.push(read(brought))
      files = [home.path(FILE), brought]
      if (seen.length === 1) home.write("brought.json", "new")
      return true
    },
  })
  home.write(FILE, "1")
  await until(() => seen.at(-1) === "new")
})

test("what was refused is told again when it is saved again, and what was taken is not", async () => {
  const home = project({ [FILE]: "1" })
  let calls = 0
  let isTaken = false
  await opened({
    files: () => [home.path(FILE)],
    onChange: async () => {
      calls++
      return isTaken
    },
    reconcileMs: 50,
  })
  const save = (content: string): void => {
    home.write(FILE, content)
    // A save in the same tick of the clock of the file system would look like no save.
    stamp += 1
    utimesSync(home.path(FILE), stamp, stamp)
  }
  let stamp = Math.floor(Date.now() / 1000)
  save("2")
  await until(() => calls === 1)
  await sleep(200)
  assert.is(calls, 1)
  isTaken = true
  save("2")
  await until(() => calls === 2)
  save("2")
  await sleep(200)
  assert.is(calls, 2)
})

test.run()
