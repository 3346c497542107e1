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
  const known = CATALOGUE.map((tunable) => withToggle(wishFor(tunable, options, named)))
  const others = Object.entries(options.sysctl).filter(([name]) => !isKnownSysctl(name))
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

/** Whether the catalogue has it. */
export function isKnownSysctl(name: string): boolean {
  return TCP_NODELAY === dotted(name) || CATALOGUE.some(({ id }) => id === dotted(name))
}

/** No sysctl: the configuration takes it for the option of sockets. */
const TCP_NODELAY = "net.ipv4.tcp_nodelay"
const SYSCTL = "plugins.kernel-tuning.sysctl"

interface NamedWish {
  readonly wish: Wish
  readonly origin: string
}

/** Options for values that are no sysctls. */
const OPTION_OF: ReadonlyMap<Tunable, keyof KernelTuningOptions> = new Map([
  [GOVERNOR, "governor"],
  [IDLE_STATES, "idle_exit_latency"],
  [HUGE_PAGES, "thp"],
  [HUGE_PAGE_DEFRAG, "thp_defrag"],
])

/** On is as it is wished for, or else what latency asks for. What the catalogue does not have, no request can set. */
function withToggle(wanted: TunableWish): TunableWish {
  const { tunable, wish } = wanted
  const on = wish === undefined || wish === "keep" ? tunable.presets?.["low-latency"]?.value : wish
  if (on === undefined || tunable.undo === "none") return wanted
  const option = OPTION_OF.get(tunable)
  const body = (value: Wish): object =>
    option === undefined ? { sysctl: { [tunable.id]: value } } : { [option]: value }
  const path = option === undefined ? `${SYSCTL}[${JSON.stringify(tunable.id)}]` : `plugins.kernel-tuning.${option}`
  return { ...wanted, toggle: { request: "/api/config/kernel", path, off: body("keep"), on: body(on) } }
}

/** By id of the tunable, what an option of its own asks for. */
function namedWishes(options: Readonly<KernelTuningOptions>) {
  const wishes = new Map<string, NamedWish>()
  for (const [name, wish] of Object.entries(options.sysctl)) wishes.set(dotted(name), { wish, origin: SYSCTL })
  for (const [{ id }, option] of OPTION_OF) {
    const wish = options[option] as Wish
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
