import {
  type ControlContext,
  type CpuAffinityOptions,
  formatCpuList,
  type HeldReading,
  type ThreadReading,
} from "veloz"
import { raisedRoles } from "./claims.js"
import { LISTS } from "./lists.js"
import { othersOf, type Place, placesOf } from "./places.js"
import { AFFINITY, DMA_LATENCY, IO_CLASS, NICE, SCHEDULER, TIMER_SLACK, WARMER } from "./tuning.js"

export function control(context: ControlContext<CpuAffinityOptions>): void {
  const { options, threads, tuning, log } = context
  const wishes = placesOf(options, threads.topology())
  const pinned = wishes.filter(({ cores }) => cores.length > 0)
  const places = new Map<string, readonly number[]>(pinned.map(({ role, cores }) => [role, cores]))
  tellPlaces(context, wishes, pinned)
  const { scheduler: policy, priority, helper_priority: helperPriority, run_limit_ms: limitMs } = options
  if (policy !== "other") {
    const raised = raisedRoles(pinned).join(", ")
    log.info(
      `the threads of ${raised} are to run as ${policy} ${priority}, those of Node as ${policy} ${helperPriority}`,
    )
  }
  const cores = [...new Set(pinned.flatMap((place) => place.cores))].sort((a, b) => a - b)
  if (options.warm_cores && cores.length === 0) log.warn("no core is kept awake: warm_cores is for cores of the lists")
  if (options.warm_cores && cores.length > 0) threads.warm(cores)

  const { nice, timer_slack_ns, io_class, dma_latency_us } = options
  tuning.hold(NICE.id, "nice", nice || undefined)
  // A real-time thread has none.
  tuning.hold(TIMER_SLACK.id, "timer_slack_ns", policy === "other" && timer_slack_ns > 0 ? timer_slack_ns : undefined)
  tuning.hold(IO_CLASS.id, "io_class", io_class === "none" ? undefined : io_class)
  tuning.hold(DMA_LATENCY.id, "dma_latency_us", dma_latency_us < 0 ? undefined : dma_latency_us)

  addConfigRoute(context)

  const hot = (): ThreadReading[] => readThreads(context, (role) => places.has(role))
  tuning.report(AFFINITY.id, () => {
    const wanted = ({ roles }: ThreadReading): string => formatCpuList(places.get(roles[0]) ?? cores)
    return inParts(hot(), ({ cpu_affinity }) => formatCpuList(cpu_affinity), wanted)
  })
  tuning.report(SCHEDULER.id, () => {
    const all = readThreads(context, (role) => LISTS.some(([known]) => known === role))
    const meant = policy === "other" || places.size === 0 ? all : hot()
    const reading = inParts(meant, schedulingOf, () => (policy === "other" ? undefined : `${policy} ${priority}`))
    if (policy === "other" || reading.verified !== false) return reading
    return { ...reading, note: `a thread ran for more than ${limitMs} ms without waiting, and has lost its priority` }
  })
  tuning.report(WARMER.id, () => {
    const warmers = readThreads(context, (role) => role === "warmer")
    const found =
      warmers.length === 0 ? "off" : `on CPU ${formatCpuList(warmers.flatMap(({ cpu_affinity }) => cpu_affinity))}`
    return { found, verified: options.warm_cores ? warmers.length === cores.length && cores.length > 0 : null }
  })
}

/** Says what comes of the lists. The claims are the engine's to grant. */
function tellPlaces(
  { options, threads, log }: ControlContext<CpuAffinityOptions>,
  wishes: readonly Place[],
  pinned: readonly Place[],
): void {
  if (!options.enabled) {
    const isIdle = LISTS.some(([, option]) => options[option].length > 0)
    if (isIdle) log.warn("no thread is pinned: there are lists of cores, and cpu-affinity.enabled is false")
    return
  }
  for (const { option, wanted, cores, missing } of wishes) {
    if (missing.length === 0) continue
    const rest =
      cores.length === 0 ? "its thread stays where the scheduler puts it" : `it is fitted to ${formatCpuList(cores)}`
    log.warn(`${option} ${formatCpuList(wanted)} is more than this machine has: ${rest}`)
  }
  if (pinned.length === 0) {
    log.warn("no thread is pinned: no list of cores names one that is here")
    return
  }
  const others = othersOf(pinned, threads.topology())
  if (others === undefined) log.warn("no core is left for the other threads of this process: they stay where they are")
  const told = [
    ...pinned.map(({ role, cores }) => [role, cores] as const),
    ...(others === undefined ? [] : [["everything else", others] as const]),
  ]
  log.info(`threads by CPU: ${told.map(([name, cores]) => `${name} ${formatCpuList(cores)}`).join(", ")}`)
}

function addConfigRoute({ http, schema, engine }: ControlContext<CpuAffinityOptions>): void {
  http.route({
    method: "POST",
    url: "/api/config/cpu_affinity",
    summary: "Moves the running threads, and changes their priorities and settings",
    body: schema,
    handler: async ({ body }) => {
      const changes = Object.entries(body).map(([name, value]) => [`plugins.cpu-affinity.${name}`, value])
      await engine.configuration.change(Object.fromEntries(changes), "POST /api/config/cpu_affinity")
      const { plugins } = engine.configuration.effective() as { plugins: Record<string, unknown> }
      return { ok: true, cpu_affinity_config: plugins["cpu-affinity"] }
    },
  })
}

function readThreads(
  { engine }: ControlContext<CpuAffinityOptions>,
  isMeant: (role: string) => boolean,
): ThreadReading[] {
  return engine.metrics.threads().filter(({ roles }) => roles.some(isMeant))
}

const schedulingOf = ({ policy, priority }: ThreadReading): string => (priority > 0 ? `${policy} ${priority}` : policy)

/** Each thread with what it has; without a wish there is nothing to verify. */
function inParts(
  threads: readonly ThreadReading[],
  found: (thread: ThreadReading) => string,
  wanted: (thread: ThreadReading) => string | undefined,
): HeldReading {
  const parts = threads.map((thread) => {
    return { name: thread.name, found: found(thread), verified: (wanted(thread) ?? found(thread)) === found(thread) }
  })
  const isWished = threads.some((thread) => wanted(thread) !== undefined)
  const [first] = parts
  const isOne = first !== undefined && parts.every((part) => part.found === first.found)
  return {
    found: isOne ? first.found : null,
    verified: isWished ? parts.every(({ verified }) => verified) : null,
    parts,
  }
}
