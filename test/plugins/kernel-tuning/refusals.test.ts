import { spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { inNamespace } from "../../support/in-namespace.js"
import { testUnless } from "../../support/skip.js"

// What the kernel itself answers, provoked in a network namespace: each error in a sentence with its mend. EBUSY is not
// among them: no value of a network namespace answers so.

const COMMAND = [process.execPath, path.resolve("dist/core/cli/main.js"), "tune", "apply"]
const AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
const isRoot = process.geteuid?.() === 0
const hasSetpriv = spawnSync("setpriv", ["--version"]).status === 0

/** What `veloz tune apply` says of options that cannot be. */
function refusal(options: object, before: readonly string[] = []): string {
  const cwd = mkdtempSync(path.join(os.tmpdir(), "veloz-refusals-"))
  chmodSync(cwd, 0o777)
  writeFileSync(path.join(cwd, "veloz.config.json"), JSON.stringify({ plugins: { "kernel-tuning": options } }))
  const [program, ...words] = [...before, ...COMMAND]
  const env = { ...process.env, VELOZ_STATE_DIR: path.join(cwd, "state") }
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: "utf8" })
  rmSync(cwd, { recursive: true })
  assert.is(status, 1, stdout)
  return stderr
}

inNamespace(import.meta.url, () => {
  test("EINVAL: a value that passed validation and that the kernel does not take leaves nothing set", () => {
    const fin = (): string => readFileSync("/proc/sys/net/ipv4/tcp_fin_timeout", "utf8").trim()
    const before = fin()
    for (const [name, value] of [
      ["ip_local_port_range", "5 1"],
      ["tcp_retries2", "banana"],
    ]) {
      const text = refusal({ sysctl: { "net.ipv4.tcp_fin_timeout": 15, [`net.ipv4.${name}`]: value } })
      assert.match(text, "VELOZ_TUNING_FAILED", name)
      assert.match(text, `the kernel does not take this value for net.ipv4.${name}: see what it may be (veloz tune`)
      assert.is(fin(), before)
    }
  })

  test("ENOENT: a key that this kernel has not", () => {
    const text = refusal({ strict: true, sysctl: { "net.ipv4.tcp_nosuch": 1 } })
    assert.match(text, "/proc/sys/net/ipv4/tcp_nosuch is not there: this kernel, this virtual machine or this network")
  })

  test("EACCES: the host's own value, for root of a network namespace", () => {
    const text = refusal({ sysctl: { "net.core.rmem_max": ">=2147483647" } })
    assert.match(text, "/proc/sys/net/core/rmem_max is read-only in this network namespace; set it on the host")
  })

  const asNobody = testUnless(isRoot && hasSetpriv ? undefined : "it takes root, and setpriv to leave it")

  asNobody("EACCES: an ordinary user is told which privilege it takes", () => {
    const sysctl = { "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 11 }
    const text = refusal({ sysctl }, AS_NOBODY)
    assert.match(text, "tcp_fin_timeout needs CAP_NET_ADMIN: start as root, or give node the capability")
    assert.match(text, "vm/swappiness needs the user root of the host: start as root")
  })

  asNobody("EACCES: root of a user namespace is told to set the host's values there", () => {
    const text = refusal({ sysctl: { "vm.swappiness": 11 } }, [...AS_NOBODY, "unshare", "--map-root-user"])
    assert.match(
      text,
      "/proc/sys/vm/swappiness is read-only here, as in a container or a user namespace; set it on the",
    )
  })
})

test.run()
