import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runInNamespace } from "../support/namespace.js"
import { testUnless } from "../support/skip.js"

// What docs/tuning.md says of TuneD, shown side by side: both set the same value, in namespaces where nothing of the host can be
// written, and the same is done to both.

const VELOZ = `${process.execPath} ${path.resolve("dist/core/cli/main.js")}`
const WORDS = ["unshare", "--net", "--mount"]

/** Nothing but the values of the network namespace can be written, and TuneD finds one profile, which sets one of them. */
const PREPARE = `
set -eu
for folder in vm kernel fs; do mount --bind /proc/sys/$folder /proc/sys/$folder; mount -o remount,bind,ro /proc/sys/$folder; done
mount -t sysfs -o ro sysfs /sys
mkdir -p /run/tuned; for folder in /run/tuned /etc/tuned /var/log; do mount -t tmpfs tmpfs $folder; done
mkdir /etc/tuned/probe
printf '[sysctl]\\nnet.ipv4.tcp_fin_timeout=15\\nnet.ipv4.no_such_key=1\\n' > /etc/tuned/probe/tuned.conf
printf 'daemon = 1\\ndynamic_tuning = 0\\nreapply_sysctl = 0\\n' > /etc/tuned/tuned-main.conf
ip link set lo up
cd $FOLDER
value() { cat /proc/sys/net/ipv4/tcp_fin_timeout; }
begin() {
  : > log; "$@" > log 2>&1 & pid=$!
  for i in $(seq 300); do if grep -q "$READY" log; then return; fi; sleep 0.1; done
  cat log >&2; exit 1
}
end() { kill -$1 $pid; wait $pid || true; }
`

const WHAT_HAPPENS = `
value
begin $START; value; end TERM; echo "clean $(value)"
begin $START; end KILL; echo "killed $(value)"; begin $START; end TERM; echo "next $(value)"
echo 60 > /proc/sys/net/ipv4/tcp_fin_timeout
begin $START; echo 33 > /proc/sys/net/ipv4/tcp_fin_timeout; end TERM; echo "foreign $(value)"
`

function obstacle(): string | undefined {
  if (process.geteuid?.() !== 0) return "it takes root, for mounts of its own"
  if (spawnSync("tuned", ["--version"]).status !== 0) return "TuneD is not installed (apt-get install tuned)"
  const { status, stderr } = runInNamespace(PREPARE, { FOLDER: "/" }, WORDS)
  return status === 0 ? undefined : `namespaces of its own cannot be prepared here: ${stderr.trim()}`
}

function whatHappens(start: string, ready: string): string[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), "veloz-tuned-"))
  try {
    const kernel = { mode: "apply", sysctl: { "net.ipv4.tcp_fin_timeout": 15 } }
    writeFileSync(path.join(folder, "veloz.config.json"), JSON.stringify({ plugins: { "kernel-tuning": kernel } }))
    const env = { FOLDER: folder, START: start, READY: ready, VELOZ_STATE_DIR: path.join(folder, "state") }
    const { status, stdout, stderr } = runInNamespace(PREPARE + WHAT_HAPPENS, env, WORDS)
    assert.is(status, 0, stderr)
    return stdout.trim().split("\n")
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const sideBySide = testUnless(obstacle())

sideBySide(
  "TuneD puts back after a clean stop, takes its own value for the original after kill -9, and rolls over others",
  () => {
    const seen = whatHappens("tuned --no-dbus --profile probe", "profile 'probe' applied")
    assert.equal(seen, ["60", "15", "clean 60", "killed 15", "next 15", "foreign 60"])
  },
)

sideBySide("VeloZ puts back after a clean stop and after kill -9, and leaves what others have set", () => {
  const seen = whatHappens(`${VELOZ} start --port 0`, "running:")
  assert.equal(seen, ["60", "15", "clean 60", "killed 15", "next 60", "foreign 33"])
})

test.run()
