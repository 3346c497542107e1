import {
  formatCpuList,
  type KernelTuningOptions,
  type Machine,
  type Tunable,
  type TunableWish,
  type TuningOffer,
  unknownSysctl,
  type Wish,
} from "veloz"
import { CATALOGUE } from "./catalogue.js"
import { HUGE_PAGE_DEFRAG, HUGE_PAGES } from "./huge-pages.js"
import { irqAffinity, networkCards, packetSteering } from "./interrupts.js"
import { GOVERNOR, IDLE_STATES } from "./processors.js"

/** What the options want of the kernel. */
export function tuning(options: Readonly<KernelTuningOptions>, machine: Machine): TuningOffer {
  const { mode, strict, drift, recheck_seconds, irq_affinity, rps } = options
  const named = namedWishes(options)
  const known = CATALOGUE.map((tunable) => wishFor(tunable, options, named))
  const others = Object.entries(options.sysctl).filter(([name]) => !CATALOGUE.some(({ id }) => id === dotted(name)))
  const cards = new Set([...networkCards(machine), ...Object.keys(rps)])
  const interrupts = new Set([...networkCards(machine), ...Object.keys(irq_affinity)])
  return {
    wishes: [
      ...known,
      ...others.map(([name, wish]) => ({ tunable: unknownSysctl(dotted(name)), wish, origin: SYSCTL })),
      ...[...interrupts].map((name) => cpuWish(irqAffinity(name), irq_affinity[name], "irq_affinity")),
      ...[...cards].map((name) => cpuWish(packetSteering(name), rps[name], "rps")),
    ],
    apply: mode === "apply",
    strict,
    drift,
    recheckSeconds: recheck_seconds,
  }
}

const SYSCTL = "plugins.kernel-tuning.sysctl"

interface NamedWish {
  readonly wish: Wish
  readonly origin: string
}

/** By id of the tunable, what an option of its own asks for. */
function namedWishes({ sysctl: sysctls, governor, idle_exit_latency, thp, thp_defrag }: Readonly<KernelTuningOptions>) {
  const wishes = new Map<string, NamedWish>()
  for (const [name, wish] of Object.entries(sysctls)) wishes.set(dotted(name), { wish, origin: SYSCTL })
  const options: [Tunable, string, Wish][] = [
    [GOVERNOR, "governor", governor],
    [IDLE_STATES, "idle_exit_latency", idle_exit_latency],
    [HUGE_PAGES, "thp", thp],
    [HUGE_PAGE_DEFRAG, "thp_defrag", thp_defrag],
  ]
  for (const [{ id }, option, wish] of options) {
    if (wish !== "profile") wishes.set(id, { wish, origin: `plugins.kernel-tuning.${option}` })
  }
  return wishes
}

function wishFor(
  tunable: Tunable,
  { profile }: Readonly<KernelTuningOptions>,
  named: ReadonlyMap<string, NamedWish>,
): TunableWish {
  const own = named.get(tunable.id)
  if (own !== undefined) return { tunable, ...own }
  const preset = profile === "none" || tunable.undo === "none" ? undefined : tunable.presets?.[profile]
  return preset === undefined
    ? { tunable }
    : { tunable, wish: preset.value, optional: true, origin: `profile "${profile}"` }
}

function cpuWish(tunable: Tunable, cpus: readonly number[] | undefined, option: string): TunableWish {
  if (cpus === undefined) return { tunable }
  return { tunable, wish: formatCpuList(cpus), origin: `plugins.kernel-tuning.${option}` }
}

/** sysctl(8) takes "net/ipv4/conf/eth0.1/rp_filter" as well, in which dots and slashes have changed places. */
function dotted(name: string): string {
  const isSlashed = /^[^.]*\//.test(name)
  return isSlashed ? [...name].map((c) => (c === "/" ? "." : c === "." ? "/" : c)).join("") : name
}
