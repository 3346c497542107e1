import { spawnSync } from "node:child_process"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { namespaceObstacle, runInNamespace } from "../../support/namespace.js"
import { testUnless } from "../../support/skip.js"

// The real command on the real paths of sysfs, below an overlay that only this test sees.

const VELOZ = `${process.execPath} ${path.resolve("dist/core/cli/main.js")}`
const WORDS = process.geteuid?.() === 0 ? ["unshare", "--mount"] : ["unshare", "--map-root-user", "--mount"]
/** Two CPUs with a governor and a deep sleep state, over those of this machine. */
const OVERLAY = `
set -e
d=$(mktemp -d); trap 'umount -l /sys/devices/system/cpu $d 2>/dev/null; rmdir $d' EXIT
mount -t tmpfs tmpfs $d; mkdir $d/upper $d/work $d/lower
for cpu in 0 1; do
  mkdir -p $d/lower/cpu$cpu/cpufreq $d/lower/cpu$cpu/cpuidle/state7
  echo powersave > $d/lower/cpu$cpu/cpufreq/scaling_governor
  echo performance powersave > $d/lower/cpu$cpu/cpufreq/scaling_available_governors
  echo 200 > $d/lower/cpu$cpu/cpuidle/state7/latency
  echo 0 > $d/lower/cpu$cpu/cpuidle/state7/disable
done
mount -t overlay overlay -o lowerdir=$d/lower:/sys/devices/system/cpu,upperdir=$d/upper,workdir=$d/work /sys/devices/system/cpu
cd $d; export VELOZ_STATE_DIR=$d/state
values() { grep -h . /sys/devices/system/cpu/cpu[01]/cpufreq/scaling_governor /sys/devices/system/cpu/cpu[01]/cpuidle/state7/disable | tr '\\n' ' '; echo; }
`

function obstacle(): string | undefined {
  const none = namespaceObstacle(WORDS)
  if (none !== undefined) return none
  const [program, ...words] = WORDS
  const { status, stderr } = spawnSync(program, [...words, "bash", "-c", OVERLAY], { encoding: "utf8" })
  return status === 0 ? undefined : `no overlay can be laid over /sys/devices/system/cpu here: ${stderr.trim()}`
}

testUnless(obstacle())("governor and sleep states are set and put back at the paths where the kernel has them", () => {
  const wishes = "-s plugins.kernel-tuning.governor=performance -s plugins.kernel-tuning.idle_exit_latency=100"
  const { status, stdout, stderr } = runInNamespace(
    `${OVERLAY}
     values; ${VELOZ} tune apply ${wishes} >/dev/null; values
     ${VELOZ} tune verify ${wishes} | grep '^ok cpu'
     ${VELOZ} tune rollback >/dev/null; values`,
    {},
    WORDS,
  )
  assert.is(status, 0, stderr)
  const [before, tuned, governor, idle, after] = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim())
  assert.equal([before, tuned, after], ["powersave powersave 0 0", "performance performance 1 1", before])
  assert.match(governor, /^ok cpu\.scaling_governor +performance/)
  assert.match(idle, /^ok cpu\.idle_exit_latency +\d+/)
})

test.run()
