import { test } from "uvu"
import * as assert from "uvu/assert"
import type { KernelTuningOptions, TunableReading } from "veloz"
import { tuning } from "../../../plugins/kernel-tuning/tuning.js"
import { MachineFolder } from "../../support/machine-folder.js"
import { defaultOptions } from "../../support/part-contexts.js"
import { TuningRig, withFolder } from "../../support/tuning-rig.js"

// Governor, sleep states, interrupts and packets, on files that stand for a machine which has them.

const cpu = (number: number, file: string): string => `/sys/devices/system/cpu/cpu${number}/${file}`
const GOVERNOR = (number: number): string => cpu(number, "cpufreq/scaling_governor")
const DISABLE = (number: number, state: number): string => cpu(number, `cpuidle/state${state}/disable`)
const LATENCIES = [0, 2, 90]

function bigMachine(): Record<string, string> {
  const files: Record<string, string> = {
    "/proc/interrupts": [
      "CPU0       CPU1",
      "  24:          1          0  PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0",
      "  25:          0          1  PCI-MSIX-0000:00:03.0   2-edge      virtio2-output.0",
      "  26:          0          1  PCI-MSIX-0000:00:04.0   1-edge      nvme0q1",
    ].join("\n"),
    "/sys/class/net/eth0/device/msi_irqs/24": "msix",
    "/sys/class/net/eth0/queues/rx-0/rps_cpus": "0",
    "/sys/class/net/eth0/queues/rx-1/rps_cpus": "0",
  }
  for (const number of [24, 25, 26]) {
    files[`/proc/irq/${number}/smp_affinity_list`] = "0-3"
    files[`/proc/irq/${number}/effective_affinity_list`] = "1"
  }
  for (const number of [0, 1, 2, 3]) {
    files[GOVERNOR(number)] = number === 3 ? "ondemand" : "powersave"
    files[cpu(number, "cpufreq/scaling_available_governors")] = "performance ondemand powersave"
    for (const [state, latency] of LATENCIES.entries()) {
      files[DISABLE(number, state)] = "0"
      files[cpu(number, `cpuidle/state${state}/latency`)] = `${latency}`
    }
  }
  return files
}

interface Bench {
  readonly folder: MachineFolder
  readonly rig: TuningRig
  change(options: Partial<KernelTuningOptions>): void
  reading(id: string): Promise<TunableReading>
}

function bench(name: string, body: (bench: Bench) => Promise<void>): void {
  test(name, () =>
    withFolder(async (root) => {
      const files = bigMachine()
      const folder = new MachineFolder(root, files)
      const rig = new TuningRig(folder.machine, `${root}/state`)
      await body({
        folder,
        rig,
        change: (options) => {
          const all = defaultOptions<KernelTuningOptions>("kernel-tuning", { mode: "apply", ...options })
          rig.change(new Map([["kernel-tuning", tuning(all, folder.machine)]]))
        },
        reading: async (id) => (await rig.tuning.readings()).find((reading) => reading.id === id)!,
      })
      rig.tuning.close()
      for (const [file, text] of Object.entries(files)) assert.is(folder.text(file), text.trim(), file)
    }),
  )
}

bench("the governor is set on every CPU, and each gets back its own", async ({ folder, change, reading }) => {
  change({ governor: "performance" })
  assert.equal(
    [0, 1, 2, 3].map((number) => folder.text(GOVERNOR(number))),
    Array(4).fill("performance"),
  )
  const { state, found, original, verified } = await reading("cpu.scaling_governor")
  assert.equal([state, found, verified], ["verified", "performance", true])
  assert.is(original, "powersave (CPU 0-2), ondemand (CPU 3)")
})

bench("sleep states are switched off by what waking from them costs, and on again by another wish", async (it) => {
  it.change({ idle_exit_latency: 1 })
  const off = () => [0, 1, 2].map((state) => it.folder.text(DISABLE(2, state)))
  assert.equal(off(), ["0", "1", "1"])
  assert.equal(
    [(await it.reading("cpu.idle_exit_latency")).found, (await it.reading("cpu.idle_exit_latency")).original],
    [0, 90],
  )
  it.change({ idle_exit_latency: 10 })
  assert.equal(off(), ["0", "0", "1"])
})

bench("what somebody else sets on one CPU is left, and the others are put back", async ({ folder, rig, change }) => {
  change({ governor: "performance" })
  folder.set(GOVERNOR(1), "ondemand")
  rig.tuning.check()
  assert.is(rig.counter("tuning_foreign"), 1)
  rig.tuning.close()
  assert.equal(
    [0, 1, 2, 3].map((number) => folder.text(GOVERNOR(number))),
    ["powersave", "ondemand", "powersave", "ondemand"],
  )
  folder.set(GOVERNOR(1), "powersave")
})

bench(
  "interrupts are found by number, card and name, and are verified by where they come, not by what was written",
  async (it) => {
    it.change({ irq_affinity: { eth0: [1], "virtio2-out*": [2, 3], "26": [0] } })
    const list = (number: number): string => it.folder.text(`/proc/irq/${number}/smp_affinity_list`)
    assert.equal([24, 25, 26].map(list), ["1", "2-3", "0"])
    assert.is((await it.reading("irq.eth0")).state, "verified")
    const waiting = await it.reading("irq.virtio2-out*")
    assert.equal(
      [waiting.state, waiting.note],
      ["wanted", "interrupt 25 moves when it comes next: effective_affinity_list tells"],
    )
    it.folder.set("/proc/irq/25/effective_affinity_list", "2")
    assert.is((await it.reading("irq.virtio2-out*")).state, "verified")
    it.folder.set("/proc/irq/25/effective_affinity_list", "1")
    it.change({ irq_affinity: { eth9: [0] } })
    assert.is((await it.reading("irq.eth9")).state, "unavailable")
  },
)

bench("packets are spread over CPUs by a mask, on every queue", async ({ folder, change, reading }) => {
  assert.is((await reading("rps.eth0"))?.found, undefined, "nothing is offered yet")
  change({ rps: { eth0: [0, 2] } })
  assert.equal(
    [0, 1].map((queue) => folder.text(`/sys/class/net/eth0/queues/rx-${queue}/rps_cpus`)),
    ["5", "5"],
  )
  assert.is((await reading("rps.eth0")).state, "verified")
})

test.run()
