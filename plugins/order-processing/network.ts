import type { NetworkContext, OrderProcessingOptions } from "veloz"
import { BatchStage } from "./hot/batch.js"

/** A batch of one needs no stage. */
export function network({ options, order, counter }: NetworkContext<OrderProcessingOptions>): void {
  if (options.batch_size <= 1) return
  const batches = counter("batches")
  order.stage("batch", (next, context) => new BatchStage(options, next, context, batches))
}
