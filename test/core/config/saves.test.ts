import { execFileSync } from "node:child_process"
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type Watch, watchConfiguration } from "../../../core/config/watch.js"
import { testUnless } from "../../support/skip.js"
import { type Project, project } from "./project.js"

// How editors, tools and clusters write files, on a real file system, with the watch as the engine has it.

const FILE = "conf/veloz.config.yaml"
const OLD = "symbols: [BTCUSDT]\nplugins: { quoter: false }\n"
const NEW = "symbols: [ETHUSDT]\nplugins: { quoter: false, alerts: false }\n"
const HALF = NEW.slice(0, NEW.indexOf("plugins"))
/** What would tell twice or too much comes within this. */
const AFTERWARDS_MS = 150

interface Saving {
  readonly home: Project
  readonly file: string
}

const open: Watch[] = []

test.after.each(async () => {
  for (const watch of open.splice(0)) await watch.close()
})

/** What was read at each change that was told, after a save and after another one of the same way. */
async function readings(save: (saving: Saving, content: string) => void | Promise<void>, home = project()) {
  const file = home.path(FILE)
  if (!hasFile(file)) home.write(FILE, OLD)
  const seen: string[] = []
  const onChange = async (): Promise<boolean> => seen.push(readFileSync(file, "utf8")) > 0
  open.push(await watchConfiguration({ files: () => [file], onChange }))
  for (const content of [NEW, `${NEW}# again\n`]) {
    await save({ home, file }, content)
    for (let look = 0; look < 400 && seen.at(-1) !== content; look += 1) await sleep(10)
    await sleep(AFTERWARDS_MS)
  }
  return seen
}

function hasFile(file: string): boolean {
  try {
    return readFileSync(file) !== undefined
  } catch {
    return false
  }
}

const WAYS: Readonly<Record<string, (saving: Saving, content: string) => void | Promise<void>>> = {
  "in place": ({ file }, content) => writeFileSync(file, content),
  "truncated first, and written a moment later": async ({ file }, content) => {
    truncateSync(file)
    await sleep(5)
    writeFileSync(file, content)
  },
  "into a temporary file that is renamed": ({ file }, content) => {
    writeFileSync(`${file}.tmp`, content)
    renameSync(`${file}.tmp`, file)
  },
  "as vim does: the old file becomes the backup": ({ file }, content) => {
    renameSync(file, `${file}~`)
    writeFileSync(file, content)
    unlinkSync(`${file}~`)
  },
  "as vim does with a backup that is a copy": ({ file }, content) => {
    copyFileSync(file, `${file}~`)
    writeFileSync(file, content)
    unlinkSync(`${file}~`)
  },
  "deleted and created anew": ({ file }, content) => {
    unlinkSync(file)
    writeFileSync(file, content)
  },
  "by replacing the folder above": ({ home, file }, content) => {
    home.write("next/veloz.config.yaml", content)
    renameSync(home.path("conf"), home.path(`before-${content.length}`))
    renameSync(home.path("next"), home.path("conf"))
    assert.is(readFileSync(file, "utf8"), content)
  },
}

for (const [way, save] of Object.entries(WAYS)) {
  test(`a file that is saved ${way} is told once, whole`, async () => {
    assert.equal(await readings(save), [NEW, `${NEW}# again\n`])
  })
}

test("a ConfigMap whose ..data link is swapped is told", async () => {
  const home = project()
  home.write("conf/..1/veloz.config.yaml", OLD)
  symlinkSync("..1", home.path("conf/..data"))
  symlinkSync("..data/veloz.config.yaml", home.path(FILE))
  const seen = await readings((_, content) => {
    home.write(`conf/..${content.length}/veloz.config.yaml`, content)
    symlinkSync(`..${content.length}`, home.path("conf/..data_tmp"))
    renameSync(home.path("conf/..data_tmp"), home.path("conf/..data"))
  }, home)
  assert.equal(seen, [NEW, `${NEW}# again\n`])
})

test("a git checkout of another branch, which takes the folder away and brings it back, is told", async () => {
  const home = project()
  home.write(FILE, OLD)
  const git = (...words: string[]): void => {
    const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    execFileSync("git", [...identity, ...words], { cwd: home.folder, stdio: "ignore" })
  }
  const commit = (content: string | undefined, branch: string): void => {
    git("checkout", "-q", "-b", branch)
    if (content === undefined) rmSync(home.path("conf"), { recursive: true })
    else home.write(FILE, content)
    git("add", "-A")
    git("commit", "-q", "-m", branch)
  }
  git("init", "-q")
  commit(OLD, "old")
  commit(NEW, "new")
  commit(`${NEW}# again\n`, "again")
  commit(undefined, "none")
  git("checkout", "-q", "old")
  const seen = await readings((_, content) => {
    git("checkout", "-q", "none")
    mkdirSync(home.path("conf"))
    git("checkout", "-q", content === NEW ? "new" : "again")
  }, home)
  assert.equal(seen, [NEW, `${NEW}# again\n`])
})

const testOnLinux = testUnless(process.platform === "linux" ? undefined : "only Linux tells who has a file open")

testOnLinux("a file that is half written is not read before its writer has closed it", async () => {
  const seen = await readings(async ({ file }, content) => {
    const fd = openSync(file, "w")
    writeSync(fd, HALF)
    await sleep(300)
    writeSync(fd, content.slice(HALF.length))
    closeSync(fd)
  })
  assert.equal(seen, [NEW, `${NEW}# again\n`])
})

test("a file that its writer never closes is read after a while", async () => {
  const home = project()
  home.write(FILE, OLD)
  const fd = openSync(home.path(FILE), "a")
  try {
    assert.equal(await readings(({ file }, content) => writeFileSync(file, content), home), [NEW, `${NEW}# again\n`])
  } finally {
    closeSync(fd)
  }
})

test("a file that is written again and again is read when that ends, and once more at most", async () => {
  let told = 0
  const seen = await readings(async ({ file }, content) => {
    if (content !== NEW) return writeFileSync(file, content)
    writeFileSync(file, "")
    for (let piece = 0; piece < content.length; piece += 4) {
      appendFileSync(file, content.slice(piece, piece + 4))
      await sleep(piece % 7)
    }
    told += 1
  })
  assert.is(told, 1)
  assert.equal(seen, [NEW, `${NEW}# again\n`])
})

test.run()
