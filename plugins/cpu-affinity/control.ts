import {
  type ControlContext,
  type CpuAffinityOptions,
  formatCpuList,
  type HeldReading,
  type ThreadReading,
} from "veloz"
import { LISTS } from "./lists.js"
import { takePlaces } from "./places.js"
import { AFFINITY, DMA_LATENCY, IO_CLASS, NICE, SCHEDULER, TIMER_SLACK, WARMER } from "./tuning.js"

export function control(context: ControlContext<CpuAffinityOptions>): void {
  const { options, threads, tuning, log } = context
  const places = takePlaces(context)
  const roles = LISTS.map(([role]) => role)
  const { scheduler: policy, priority, helper_priority: helperPriority, run_limit_ms: limitMs } = options
  if (policy !== "other") {
    const raised = places.size > 0 ? [...places.keys()] : roles
    threads.raise({ policy, priority, helperPriority, limitMs, roles: raised })
    log.info(
      `the threads of ${raised.join(", ")} are to run as ${policy} ${priority}, those of Node as ${policy} ${helperPriority}`,
    )
  }
  const cores = [...new Set([...places.values()].flat())].sort((a, b) => a - b)
  if (options.warm_cores && cores.length === 0) log.warn("no core is kept awake: warm_cores is for cores of the lists")
  if (options.warm_cores && cores.length > 0) threads.warm(cores)

  const { nice, timer_slack_ns, io_class, dma_latency_us } = options
  tuning.hold(NICE.id, "nice", nice || undefined)
  // A real-time thread has none.
  tuning.hold(TIMER_SLACK.id, "timer_slack_ns", policy === "other" && timer_slack_ns > 0 ? timer_slack_ns : undefined)
  tuning.hold(IO_CLASS.id, "io_class", io_class === "none" ? undefined : io_class)
  tuning.hold(DMA_LATENCY.id, "dma_latency_us", dma_latency_us < 0 ? undefined : dma_latency_us)

  addConfigRoute(context)

  const hot = (): ThreadReading[] => readThreads(context, (role) => places.has(role as never))
  tuning.report(AFFINITY.id, () => {
    const wanted = ({ roles }: ThreadReading): string => formatCpuList(places.get(roles[0] as never) ?? cores)
    return inParts(hot(), ({ cpu_affinity }) => formatCpuList(cpu_affinity), wanted)
  })
  tuning.report(SCHEDULER.id, () => {
    const all = readThreads(context, (role) => roles.includes(role as never))
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
