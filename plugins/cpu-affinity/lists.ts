/** The hot roles, and the option with the cores of each. */
export const LISTS = [
  ["network", "network_thread_cores"],
  ["engine", "engine_thread_cores"],
  ["strategy", "strategy_thread_cores"],
] as const

export type ListOption = (typeof LISTS)[number][1]
