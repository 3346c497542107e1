import { type CallCost, readMeters } from "../pipeline/call-meters.js"

/** Meters of one thread, by slot. */
export interface MeterBlock {
  readonly memory: SharedArrayBuffer
  readonly names: readonly string[]
}

/** Steps of a plugin's life, each as long as it took last. */
export type CostStep = "prepare_control_ms" | "prepare_hot_ms" | "dispose_control_ms" | "dispose_hot_ms"

/** What plugins cost: their preparation, their leaving, and their calls while the engine runs. */
export class PluginCosts {
  readonly #steps = new Map<string, Partial<Record<CostStep, number>>>()
  #blocks: readonly MeterBlock[] = []

  /** `isMore`: hot threads tell of their shares one after the other. */
  took(plugin: string, step: CostStep, ms: number, isMore = false): void {
    const steps = this.#steps.get(plugin) ?? {}
    this.#steps.set(plugin, { ...steps, [step]: round((isMore ? (steps[step] ?? 0) : 0) + ms) })
  }

  /** Where the meters of all threads are read from now on. */
  learn(blocks: readonly MeterBlock[]): void {
    this.#blocks = blocks
  }

  steps(plugin: string): Record<string, number> {
    return { ...this.#steps.get(plugin) }
  }

  calls(plugin: string): Record<string, CallCost> {
    return Object.fromEntries(this.#blocks.flatMap(({ memory, names }) => readMeters(memory, names, plugin)))
  }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000
