import { test } from "uvu"
import * as assert from "uvu/assert"
import { Project } from "../../support/engine-project.js"

const TRIED = "plugins.net-tuning.keepalive_interval"
const OTHER = "plugins.market-data.order_book_depth"
const save = (project: Project, keepalive_interval: number): void =>
  project.save({ plugins: { quoter: false, "net-tuning": { keepalive_interval } } })

test("what a lease gives back is its own options alone, and what the file says of them since then stays", async () => {
  const project = new Project("fused")
  save(project, 20)
  await project.start()
  try {
    const { configuration } = project.facade
    const lease = (seconds: number): Promise<void> => configuration.lease({ holder: "a test", paths: [TRIED], seconds })
    const value = (path: string): unknown => configuration.explain(path).options[0].value
    const setBy = (path: string): string | undefined => configuration.explain(path).options[0].set_by?.layer

    await configuration.change({ [TRIED]: 21 }, "somebody")
    await lease(60)
    await configuration.change({ [TRIED]: 30, [OTHER]: 7 }, "a test")
    await lease(0)
    assert.equal([value(TRIED), setBy(TRIED), value(OTHER)], [21, "api", 7])

    await lease(60)
    await configuration.change({ [TRIED]: 30 }, "a test")
    save(project, 25)
    assert.ok(await project.engine.reload())
    await lease(0)
    assert.equal([value(TRIED), setBy(TRIED)], [25, "file"])

    await configuration.change({ [TRIED]: 31 }, "a test")
    await lease(60)
    await lease(0)
    assert.is(value(TRIED), 31, "what was not tried is as it was")

    const unknown = await configuration
      .lease({ holder: "x", paths: ["plugins.net-tuning.keepalife"], seconds: 1 })
      .catch((error) => error)
    assert.is(unknown.code, "VELOZ_OPTION_UNKNOWN")
    const short = await configuration.lease({ holder: "x", paths: ["a"], seconds: 1 }).catch((error) => error)
    assert.match(short.message, /there is no option "a"; GET .* list them all$/)
  } finally {
    await project.end()
  }
})

test("a lease that nobody renews ends by itself", async () => {
  const project = new Project("fused")
  save(project, 20)
  await project.start()
  try {
    const { configuration } = project.facade
    const value = (): unknown => configuration.explain(TRIED).options[0].value
    await configuration.lease({ holder: "a test", paths: [TRIED], seconds: 3 })
    await configuration.change({ [TRIED]: 30 }, "a test")
    assert.is(value(), 30)
    await project.until("it goes back", () => value() === 20)
    const { attempts } = await configuration.history.list(1)
    assert.match(attempts[0].author, "the end of the lease of a test")
  } finally {
    await project.end()
  }
})

test.run()
