import { test } from "uvu"
import * as assert from "uvu/assert"
import { hideSecrets, holdsSecret, isHidden, withoutSecrets } from "../../../core/config/secrets.js"

test("what is named like a secret, or stands in a URL as one, is hidden; the rest is as it was", () => {
  const open = { port: 8080, key_file: "keys.json", list: [{ depth: 5 }], max_tokens: 7, none: null }
  const secret = { api_key: "k", Password: "p", nested: { access_token: "t" }, rest_url: "https://me:pw@host/x" }
  assert.equal(withoutSecrets({ ...open, ...secret }), {
    ...open,
    api_key: "(hidden)",
    Password: "(hidden)",
    nested: { access_token: "(hidden)" },
    rest_url: "https://(hidden)@host/x",
  })
})

test("what was hidden can be told from what was set", () => {
  assert.ok(isHidden(withoutSecrets({ accounts: [{ api_secret: "s3cret" }] })))
  assert.ok(isHidden(withoutSecrets("https://me:pw@host")))
  assert.not.ok(isHidden(withoutSecrets({ max_tokens: 7, key_file: "keys.json" })))
  assert.not.ok(isHidden(undefined))
})

test("a secret that a text writes down is found in TypeScript, JSON and YAML", () => {
  const secrets = [
    `  api_secret: "s3cret",`,
    `const token = 's3cret'`,
    `{"api_key":"s3cret"}`,
    `plugins:\n  sim-exchange:\n    api_secret: s3cret\n`,
    `rest_url: "https://me:s3cret@host/x"`,
  ]
  for (const text of secrets) {
    assert.ok(holdsSecret(text), text)
    assert.not.match(hideSecrets(text), "s3cret")
  }
})

test("a text that only speaks of secrets is left as it is", () => {
  const open = [
    `key_file: "keys.json"`,
    `api_secret: process.env.EXCHANGE_SECRET,`,
    `// the token: see VELOZ_API_TOKEN`,
    `url: "https://host/x@1"`,
    `max_tokens: 7,`,
  ]
  for (const text of open) assert.is(hideSecrets(text), text)
})

test.run()
