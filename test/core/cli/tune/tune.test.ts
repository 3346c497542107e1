import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { namespaceObstacle, runInNamespace } from "../../../support/namespace.js"
import { testUnless } from "../../../support/skip.js"

// The real command, on the real kernel, in a network namespace of its own.

const MAIN = path.resolve("dist/core/cli/main.js")
const testInNamespace = testUnless(namespaceObstacle())
const WISHES = { "net.ipv4.tcp_fin_timeout": 15, "net.ipv4.tcp_rmem": ">=4096 131072 1048576", "net.ipv4.tcp_sack": 0 }

/** Runs lines of bash in which `veloz` is the command, in a project that has this configuration. */
function inProject(config: object, script: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "veloz-tune-"))
  try {
    writeFileSync(path.join(folder, "veloz.config.json"), JSON.stringify({ plugins: { "kernel-tuning": config } }))
    const prelude = `cd ${folder}; veloz() { ${process.execPath} ${MAIN} "$@"; }; value() { cat /proc/sys/net/ipv4/$1; }`
    return runInNamespace(`${prelude}\n${script}`, { VELOZ_STATE_DIR: path.join(folder, "state"), VELOZ_PORT: "1" })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const lines = (text: string): string[] => text.trim().split("\n")

testInNamespace("plan prints a line a tunable and ends with 2 while there is something to do", () => {
  const { status, stdout } = inProject({ sysctl: WISHES }, "veloz tune plan")
  assert.is(status, 2)
  // What lives with sockets and threads has a line, too, that begins with a dot.
  const [rmem, fin, sack] = lines(stdout).filter((line) => !line.startsWith("."))
  assert.match(
    rmem,
    /^~ net\.ipv4\.tcp_rmem keep (\d+ ?)+ \(raise-only\) +scope=netns undo=journal needs=CAP_NET_ADMIN ok$/,
  )
  assert.match(fin, /^\+ net\.ipv4\.tcp_fin_timeout 60 -> 15 +scope=netns undo=journal needs=CAP_NET_ADMIN ok$/)
  assert.match(sack, /^\+ net\.ipv4\.tcp_sack 1 -> 0 /)
})

testInNamespace("apply sets until rollback, whoever looks meanwhile", () => {
  const { status, stdout, stderr } = inProject(
    { sysctl: WISHES },
    `set -e
     veloz tune apply >/dev/null; value tcp_fin_timeout; value tcp_sack
     veloz tune plan >/dev/null; echo plan $?
     veloz tune verify >/dev/null; echo verify $?
     veloz tune rollback --print | grep printf
     value tcp_fin_timeout
     veloz tune rollback; value tcp_fin_timeout; value tcp_sack
     veloz tune rollback`,
  )
  assert.is(status, 0, stderr)
  assert.equal(lines(stdout), [
    "15",
    "0",
    "plan 0",
    "verify 0",
    "printf '%s' '1' > '/proc/sys/net/ipv4/tcp_sack'",
    "printf '%s' '60' > '/proc/sys/net/ipv4/tcp_fin_timeout'",
    "15",
    "net.ipv4.tcp_sack is put back: 0 -> 1",
    "net.ipv4.tcp_fin_timeout is put back: 15 -> 60",
    "60",
    "1",
    "nothing to put back",
  ])
})

testInNamespace("a second apply sets what the configuration wants now, and puts back the rest", () => {
  const { stdout } = inProject(
    { sysctl: WISHES },
    `veloz tune apply >/dev/null
     echo '{"plugins":{"kernel-tuning":{"sysctl":{"net.ipv4.tcp_fin_timeout":20}}}}' > veloz.config.json
     veloz tune plan; veloz tune apply >/dev/null; value tcp_fin_timeout; value tcp_sack
     veloz tune rollback >/dev/null; value tcp_fin_timeout`,
  )
  assert.match(stdout, "+ net.ipv4.tcp_fin_timeout 15 -> 20 ")
  assert.match(stdout, "- net.ipv4.tcp_sack back to 1 (no longer wished for)")
  assert.equal(lines(stdout).slice(-3), ["20", "1", "60"])
})

testInNamespace("what somebody else has set since is told by plan and verify, and left by rollback", () => {
  const { stdout } = inProject(
    { sysctl: WISHES },
    `veloz tune apply >/dev/null; echo 33 > /proc/sys/net/ipv4/tcp_fin_timeout
     veloz tune plan >out; code=$?; grep fin_timeout out; echo plan $code
     veloz tune verify >out; code=$?; grep fin_timeout out; echo verify $code
     veloz tune rollback | grep fin_timeout; value tcp_fin_timeout`,
  )
  const [plan, planned, verify, verified, rollback, value] = lines(stdout)
  assert.match(plan, /^\* net\.ipv4\.tcp_fin_timeout 33 \(foreign: /)
  assert.match(verify, /^no net\.ipv4\.tcp_fin_timeout +33 +wanted 15; foreign: /)
  assert.match(rollback, "is left at 33: somebody else has set it since (it was 60 before)")
  assert.equal([planned, verified, value], ["plan 2", "verify 2", "33"])
})

testInNamespace("one value that cannot be set keeps the others from it, and ends with 1", () => {
  const { stdout, stderr } = inProject(
    { sysctl: { ...WISHES, "net.core.rmem_max": 4_000_000_00 } },
    `veloz tune plan >out; code=$?; grep rmem_max out; echo plan $code
     veloz tune apply; echo apply $?; value tcp_fin_timeout`,
  )
  const [line, planned, applied, value] = lines(stdout)
  assert.match(line, /^! net\.core\.rmem_max .*read-only in this network namespace; set it on the host/)
  assert.match(stderr, /VELOZ_TUNING_REFUSED: a value of the kernel cannot be set, and none was: net\.core\.rmem_max: /)
  assert.equal([planned, applied, value], ["plan 1", "apply 1", "60"])
})

testInNamespace("the plan as JSON has what GET /api/tuning has, and what would be done", () => {
  const { stdout } = inProject({ sysctl: WISHES }, "veloz tune plan --json")
  const { tunables } = JSON.parse(stdout)
  const fin = tunables.find(({ id }: { id: string }) => id === "net.ipv4.tcp_fin_timeout")
  assert.equal(
    [fin.action, fin.state, fin.wanted, fin.found, fin.verified, fin.undo, fin.failure],
    ["set", "wanted", 15, 60, false, "journal", null],
  )
})

testInNamespace("explain says what a value does, of any sysctl, and what is near to one that is not", () => {
  const { stdout, stderr } = inProject(
    { profile: "low-latency" },
    "veloz tune explain net.ipv4.tcp_autocorking; veloz tune explain net.ipv4.tcp_sack; veloz tune explain net.ipv4.tcp_rmen",
  )
  for (const line of [
    "  Whether a small write waits for company while an earlier one has not left the machine.",
    '  wanted    0 (0), by profile "low-latency"',
    "  needs     CAP_NET_ADMIN, which this process has",
    "  low-latency      0: It holds frames back even with TCP_NODELAY.",
    "net.ipv4.tcp_sack  (-)",
  ]) {
    assert.ok(lines(stdout).includes(line.trimEnd()), line)
  }
  assert.match(stderr, 'VELOZ_TUNABLE_UNKNOWN: nothing that can be tuned is called "net.ipv4.tcp_rmen": did you mean')
})

test.run()
