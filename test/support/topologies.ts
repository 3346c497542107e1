import { test } from "uvu"

export type Topology = "fused" | "split"

export const TOPOLOGIES: readonly Topology[] = ["fused", "split"]

/** A test of a whole engine, once for each way to place its roles on threads. */
export function inEachTopology(
  name: string,
  run: (topology: Topology) => void | Promise<void>,
  register: (name: string, run: () => void | Promise<void>) => void = test,
): void {
  for (const topology of TOPOLOGIES) register(`${topology}: ${name}`, () => run(topology))
}
