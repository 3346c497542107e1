import { MessageChannel, receiveMessageOnPort } from "node:worker_threads"
import { NO_CAPACITY, RingBuffer } from "../../core/hot/ring.js"
import { compare, type Subject } from "../measure.js"

/**
 * A record of three numbers goes in and comes out again, both ends on this thread: what a handoff costs beside the way
 * between two cores. Records are published and taken sixteen at a time.
 */
export const ring = compare({
  name: "ring",
  operation: "record through",
  prepare: () => [ringSubject(), arraySubject(), portSubject()],
})

const BATCH = 16
const LAST_OF_BATCH = BATCH - 1

function ringSubject(): Subject {
  const memory = new SharedArrayBuffer(RingBuffer.bytesFor(1 << 16))
  const producer = new RingBuffer(memory)
  const consumer = new RingBuffer(memory)
  const sum = new Float64Array(1)
  const take = (_type: number, offset: number) => {
    sum[0] += consumer.f64[(offset >> 3) + 1]
  }
  return {
    name: "veloz RingBuffer",
    run(operation) {
      const offset = producer.claim(1, 24)
      if (offset === NO_CAPACITY) throw new Error("the consumer takes every sixteen records")
      producer.f64[offset >> 3] = operation
      producer.f64[(offset >> 3) + 1] = operation * 1e6
      producer.f64[(offset >> 3) + 2] = 1
      if ((operation & LAST_OF_BATCH) !== LAST_OF_BATCH) return
      producer.publish()
      consumer.poll(take)
    },
  }
}

function arraySubject(): Subject {
  const queue: { sequence: number; price: number; quantity: number }[] = []
  const sum = new Float64Array(1)
  return {
    name: "array of objects",
    run(operation) {
      queue.push({ sequence: operation, price: operation * 1e6, quantity: 1 })
      if ((operation & LAST_OF_BATCH) !== LAST_OF_BATCH) return
      for (let record = queue.shift(); record !== undefined; record = queue.shift()) sum[0] += record.price
    },
  }
}

function portSubject(): Subject {
  const { port1, port2 } = new MessageChannel()
  port1.unref()
  port2.unref()
  const sum = new Float64Array(1)
  return {
    name: "postMessage",
    run(operation) {
      port1.postMessage({ sequence: operation, price: operation * 1e6, quantity: 1 })
      if ((operation & LAST_OF_BATCH) !== LAST_OF_BATCH) return
      for (let received = receiveMessageOnPort(port2); received; received = receiveMessageOnPort(port2)) {
        sum[0] += received.message.price
      }
    },
  }
}
