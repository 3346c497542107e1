import { test } from "uvu"
import * as assert from "uvu/assert"
import { engineUrl } from "../../../core/cli/engine-client.js"

test("the engine is where the environment would make it listen", () => {
  const cases: [env: NodeJS.ProcessEnv, url: string][] = [
    [{}, "http://127.0.0.1:8080"],
    [{ VELOZ_PORT: "9000" }, "http://127.0.0.1:9000"],
    [{ VELOZ_HOST: "10.0.0.5", VELOZ_PORT: "" }, "http://10.0.0.5:8080"],
    [{ VELOZ_HOST: "::1" }, "http://[::1]:8080"],
    [{ VELOZ_HOST: "0.0.0.0" }, "http://127.0.0.1:8080"],
    [{ VELOZ_HOST: "::" }, "http://[::1]:8080"],
  ]
  for (const [env, url] of cases) assert.is(engineUrl(env), url)
})

test.run()
